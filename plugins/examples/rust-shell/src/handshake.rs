//! Both sides prove that they hold the session's key, which never travels.

use std::fs::File;
use std::io::Read;

use hmac::{Hmac, Mac};
use sha2::Sha256;

const NONCE_SIZE: usize = 32;

/// The nonces of the last challenge on one connection.
#[derive(Default)]
pub struct Nonces {
    caller: Vec<u8>,
    executor: Vec<u8>,
}

impl Nonces {
    /// Refuses a nonce of another size.
    pub fn challenge(caller: &[u8]) -> std::io::Result<Option<Nonces>> {
        if caller.len() != NONCE_SIZE {
            return Ok(None);
        }
        let mut executor = vec![0; NONCE_SIZE];
        File::open("/dev/urandom")?.read_exact(&mut executor)?;
        Ok(Some(Nonces {
            caller: caller.to_vec(),
            executor,
        }))
    }

    pub fn executor(&self) -> &[u8] {
        &self.executor
    }

    pub fn executor_proof(&self, key: &[u8], session: &str) -> Vec<u8> {
        self.mac("executor", key, session)
            .finalize()
            .into_bytes()
            .to_vec()
    }

    /// In constant time. Nothing proves anything before a challenge.
    pub fn is_daemon_proof(&self, proof: &[u8], key: &[u8], session: &str) -> bool {
        !self.executor.is_empty() && self.mac("daemon", key, session).verify_slice(proof).is_ok()
    }

    fn mac(&self, role: &str, key: &[u8], session: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
        for part in [
            role.as_bytes(),
            &self.caller,
            &self.executor,
            session.as_bytes(),
        ] {
            mac.update(part);
        }
        mac
    }
}
