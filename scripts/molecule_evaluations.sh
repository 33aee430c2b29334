#!/bin/sh
# Stability of generated molecules against network evaluations, for one network sampled in several ways:
# the reverse SDE in several discretisations, its probability flow, and the straight path of flow matching.
#
#   scripts/molecule_evaluations.sh MODEL qm9_valid.parquet 1000 > table.txt
set -eu
model=$1 real=$2 n=${3:-1000} chamber=${CHAMBER:-chamber}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf '%-28s %11s %18s %18s %18s\n' "sampler" "evaluations" "stable atoms [%]" "stable mol. [%]" "valid [%]"
for steps in 25 50 100 250 1000; do
    for way in "ancestral:--path polynomial --sampler ddpm:1" "SDE, DPM-Solver++(2M):--sampler dpmpp2m-sde:1" "8-fold noise, the same:--sampler dpmpp2m-sde:8:1" "SDE, Euler-Maruyama:--sampler sde:1" "SDE, Heun with churn:--sampler heun-churn:2" "ODE, DPM-Solver++(2M):--sampler dpmpp2m:1" \
        "ODE, Heun:--sampler heun:2" "flow, Heun:--path linear --sampler heun:2"; do
        name=${way%%:*} rest=${way#*:}
        options=${rest%:*} per_step=${rest##*:}
        # shellcheck disable=SC2086
        "$chamber" -q sample "$model" -n "$n" $options --steps $((steps / per_step)) --force -o "$folder/m.sdf" > /dev/null
        "$chamber" -q evaluate "$folder/m.sdf" --real "$real" | awk -v name="$name" -v steps="$steps" '
            /^stable atoms/ { atoms = $4 " " $5 " " $6 } /^stable molecules/ { molecules = $4 " " $5 " " $6 } /^valid \[/ { valid = $3 " " $4 " " $5 }
            END { printf "%-28s %11d %18s %18s %18s\n", name, steps, atoms, molecules, valid }'
    done
done
