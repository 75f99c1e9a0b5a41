//! Who made a plan file: somebody who may write to this state folder, or anybody else.

use std::fs;
use std::io;
use std::path::Path;

use files::{Readers, private_folder};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// The file of a state folder that holds its key.
const KEY: &str = "plan.key";
/// How many bytes the key has, as many as a digest of SHA-256.
const LENGTH: usize = 32;

/// The seal of `text` by the key of the state folder, in hexadecimal digits. The key is made where there
/// is none.
///
/// # Errors
/// The key cannot be read or made.
pub fn seal(folder: &Path, text: &str) -> io::Result<String> {
    let key = match key(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(folder)?;
            key(folder)?
        }
        key => key?,
    };
    Ok(hex::encode(hmac::sign(&key, text.as_bytes())))
}

/// Is `seal` that of `text` by the key of the state folder? Without a key nothing is.
pub fn is_sealed(folder: &Path, text: &str, seal: &str) -> bool {
    let seal = hex::decode(seal);
    let (Ok(key), Ok(seal)) = (key(folder), seal) else {
        return false;
    };
    hmac::verify(&key, text.as_bytes(), &seal).is_ok()
}

fn key(folder: &Path) -> io::Result<hmac::Key> {
    let bytes = fs::read(folder.join(KEY))?;
    match bytes.len() {
        LENGTH => Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes)),
        _ => Err(io::Error::from(io::ErrorKind::InvalidData)),
    }
}

/// Of two that make it at once one is first, and the other takes that one's.
fn make(folder: &Path) -> io::Result<()> {
    private_folder(folder)?;
    let mut bytes = [0; LENGTH];
    let random = SystemRandom::new().fill(&mut bytes);
    random.map_err(|_| io::Error::other("the system gives no random bytes"))?;
    match files::write_new(&folder.join(KEY), &bytes, Readers::Owner) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
