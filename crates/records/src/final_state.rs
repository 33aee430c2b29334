//! Events from arrays of final-state particles, which is what a generative model makes.

use crate::{Error, Event, Particle, Vertex};

impl Event {
    /// An event of two beams that meet in one vertex, out of which all final particles come.
    ///
    /// `beams` and `particles` are (PDG id, [px, py, pz, E] in GeV). Beams get status 4, the others status 1, the
    /// masses are sqrt(max(0, E^2 - p^2)); set [`Particle::mass`] afterwards where it is known better. HepMC3, HepMC2
    /// and LHE can all hold the event, and Rivet and Delphes find beams and final state in it.
    ///
    /// Momentum is not checked: a generator of visible particles does not conserve it.
    ///
    /// # Errors
    /// [`Error::Event`] for numbers that are not finite, PDG id 0, and no particles at all.
    ///
    /// ```
    /// use records::Event;
    /// let beams = [(2212, [0.0, 0.0, 6500.0, 6500.0]), (2212, [0.0, 0.0, -6500.0, 6500.0])];
    /// let muons = [(13, [3.0, 0.0, 4.0, 5.0]), (-13, [-3.0, 0.0, -4.0, 5.0])];
    /// let event = Event::from_final_state(0, beams, muons, 0.5)?;
    /// assert_eq!(event.parents(2).collect::<Vec<_>>(), [0, 1]);
    /// # Ok::<(), records::Error>(())
    /// ```
    pub fn from_final_state(
        number: i64,
        beams: [(i32, [f64; 4]); 2],
        particles: impl IntoIterator<Item = (i32, [f64; 4])>,
        weight: f64,
    ) -> Result<Event, Error> {
        let mut event = Event { number, weights: vec![weight], vertices: vec![Vertex::default()], ..Event::default() };
        for (pdg, momentum) in beams {
            event.particles.push(Particle { end: Some(0), ..Particle::new(pdg, 4, momentum) });
        }
        for (pdg, momentum) in particles {
            event.particles.push(Particle { production: Some(0), ..Particle::new(pdg, 1, momentum) });
        }
        if event.particles.len() == 2 {
            return Err(Error::Event {
                number,
                problem: "it has no final particles; at least one is needed".to_string(),
            });
        }
        event.check()?;
        Ok(event)
    }
}
