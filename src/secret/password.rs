//! A password. It is wiped from memory and never shown. New passwords are random letters and
//! digits.

use rand::TryRng;
use rand::rngs::{SysError, SysRng};
use std::fmt;
use zeroize::Zeroizing;

/// The length of a new password. It has 190 bits of randomness.
pub(super) const LENGTH: usize = 32;

/// Only letters and digits: mariadb-operator puts a password into SQL unescaped. There a quote
/// breaks the statement, and a backslash silently sets another password.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A password in clear text.
pub struct Password(Zeroizing<Vec<u8>>);

impl Password {
    /// A new password from the operating system's random generator.
    pub fn mint() -> Result<Self, SysError> {
        let mut password = Zeroizing::new(vec![0; LENGTH]);
        let mut random = Zeroizing::new([0; 2 * LENGTH]);
        let mut filled = 0;
        while filled < LENGTH {
            SysRng.try_fill_bytes(&mut *random)?;
            // The largest multiple of 62 that fits into a byte. Larger bytes are skipped, because
            // otherwise some characters would occur more often than others.
            for byte in random.iter().filter(|byte| **byte < 248) {
                if filled < LENGTH {
                    password[filled] = ALPHABET[usize::from(*byte) % ALPHABET.len()];
                    filled += 1;
                }
            }
        }
        Ok(Self(password))
    }

    /// A password that an earlier run created. `None` for a text that no run creates.
    pub fn minted_before(text: &[u8]) -> Option<Self> {
        let text: &[u8; LENGTH] = text.try_into().ok()?;
        let is_minted = text.iter().all(|byte| byte.is_ascii_alphanumeric());
        is_minted.then(|| Self(Zeroizing::new(text.to_vec())))
    }

    /// A password that a third party gave. `None` for a text that is too long or has spaces, quotes
    /// or other characters that no access key has.
    pub fn given(text: &[u8]) -> Option<Self> {
        let is_plain = |byte: &u8| byte.is_ascii_graphic() && !b"\"\\".contains(byte);
        let fits = (1..=1024).contains(&text.len()) && text.iter().all(is_plain);
        fits.then(|| Self(Zeroizing::new(text.to_vec())))
    }

    /// The clear text. The caller must wipe every copy of it.
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn passwords_are_letters_and_digits_evenly_spread_and_never_the_same() {
        const COUNT: usize = 20_000;
        let mut counts = [0_usize; 256];
        let mut seen = HashSet::new();
        for _ in 0..COUNT {
            let password = Password::mint().unwrap();
            password.reveal().iter().for_each(|byte| counts[usize::from(*byte)] += 1);
            assert!(seen.insert(password.reveal().to_vec()));
        }
        let expected = (COUNT * LENGTH / ALPHABET.len()) as f64;
        // Chi-squared of 61 degrees of freedom: 140 is passed by chance once in 10 million runs; a
        // plain remainder of a byte would give more than 2,000.
        let distance: f64 = ALPHABET
            .iter()
            .map(|byte| (counts[usize::from(*byte)] as f64 - expected).powi(2) / expected)
            .sum();
        assert!(distance < 140.0, "{distance}");
        assert_eq!(counts.iter().sum::<usize>(), COUNT * LENGTH);
        assert!(
            (0..=255_u8).all(|byte| counts[usize::from(byte)] == 0 || ALPHABET.contains(&byte))
        );
    }

    #[test]
    fn a_password_is_not_shown() {
        let password = Password::minted_before(&[b'x'; LENGTH]).unwrap();
        assert_eq!(format!("{password:?} {password:#?}"), "Password(…) Password(…)");
    }

    #[test]
    fn only_what_is_minted_counts_as_such() {
        assert!(Password::minted_before(&[b'a'; LENGTH - 1]).is_none());
        assert!(Password::minted_before(&[b'\''; LENGTH]).is_none());
    }

    #[test]
    fn what_is_given_is_one_word_that_needs_no_escape() {
        assert!(Password::given(b"wJalrXUtnFEMI/K7MDENG+bPxRfiCY=").is_some());
        for bad in ["", "a b", "a\n", "\"", "\\", "\u{e9}"] {
            assert!(Password::given(bad.as_bytes()).is_none(), "{bad:?}");
        }
        assert!(Password::given(&[b'a'; 1025]).is_none());
    }
}
