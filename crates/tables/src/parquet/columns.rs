//! Which columns of numbers the fields of a Parquet schema are.

use ::parquet::basic::{ConvertedType, Repetition, Type as Physical};
use ::parquet::schema::types::Type;

use super::levels::Meaning;
use crate::{Column, Element};

/// Number of primitive columns of a field.
pub(super) fn leaves(field: &Type) -> usize {
    if field.is_primitive() { 1 } else { field.get_fields().iter().map(|f| leaves(f)).sum() }
}

fn optional(field: &Type) -> i16 {
    let info = field.get_basic_info();
    i16::from(info.has_repetition() && info.repetition() == Repetition::OPTIONAL)
}

fn repeated(field: &Type) -> bool {
    let info = field.get_basic_info();
    info.has_repetition() && info.repetition() == Repetition::REPEATED
}

/// A field as a column with the meaning of its levels, or the name of its type.
pub(super) fn column(field: &Type) -> std::result::Result<(Column, Meaning), String> {
    let name = field.name();
    if field.is_primitive() {
        let element = element(field)?;
        return Ok(if repeated(field) {
            (Column::jagged(name, element), Meaning { number: 1, empty: Some(0) })
        } else {
            (Column::scalar(name, element), Meaning { number: optional(field), empty: None })
        });
    }
    // A list is a group of one repeated field: the element itself, or a group of one element.
    let [inner] = field.get_fields() else { return Err("structure".to_string()) };
    if repeated(field) || !repeated(inner) {
        return Err("structure".to_string());
    }
    let outer = optional(field);
    let element_field = match (inner.is_primitive(), &**inner) {
        (true, field) => field,
        (false, group) => match group.get_fields() {
            [one] if one.is_primitive() && !repeated(one) => one,
            [_] => return Err("list of lists".to_string()),
            _ => return Err("list of structures".to_string()),
        },
    };
    let element = element(element_field).map_err(|kind| format!("list of {kind}"))?;
    let nullable = if inner.is_primitive() { 0 } else { optional(element_field) };
    Ok((Column::jagged(name, element), Meaning { number: outer + 1 + nullable, empty: Some(outer) }))
}

fn element(field: &Type) -> std::result::Result<Element, String> {
    use ConvertedType as C;
    Ok(match (field.get_physical_type(), field.get_basic_info().converted_type()) {
        (Physical::BOOLEAN, _) => Element::Bool,
        (Physical::FLOAT, _) => Element::F32,
        (Physical::DOUBLE, _) => Element::F64,
        (Physical::INT32, C::NONE | C::INT_32) => Element::I32,
        (Physical::INT32, C::INT_8) => Element::I8,
        (Physical::INT32, C::INT_16) => Element::I16,
        (Physical::INT32, C::UINT_8) => Element::U8,
        (Physical::INT32, C::UINT_16) => Element::U16,
        (Physical::INT32, C::UINT_32) => Element::U32,
        (Physical::INT64, C::NONE | C::INT_64) => Element::I64,
        (Physical::INT64, C::UINT_64) => Element::U64,
        (Physical::BYTE_ARRAY, C::UTF8) => return Err("string".to_string()),
        (physical, C::NONE) => return Err(format!("{physical}")),
        (physical, converted) => return Err(format!("{converted} ({physical})")),
    })
}
