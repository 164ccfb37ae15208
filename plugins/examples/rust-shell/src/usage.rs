//! DPU-milliseconds: DPUs times milliseconds of a calculation's execution.

use std::time::Instant;

#[derive(Default)]
pub struct Meter {
    finished: u64,
    began: Option<Instant>,
}

pub struct Totals {
    pub session: u64,
    pub calculation: u64,
}

impl Meter {
    pub fn begin(&mut self) {
        self.began = Some(Instant::now());
    }

    /// Up to now. A calculation that began has cost a millisecond.
    pub fn read(&self, dpus: u32) -> Totals {
        let millis = self
            .began
            .map_or(0, |began| (began.elapsed().as_millis() as u64).max(1));
        let calculation = millis * u64::from(dpus);
        Totals {
            session: self.finished + calculation,
            calculation,
        }
    }

    pub fn finish(&mut self, dpus: u32) -> Totals {
        let totals = self.read(dpus);
        self.finished = totals.session;
        self.began = None;
        totals
    }
}
