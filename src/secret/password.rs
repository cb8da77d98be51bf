//! A password. It is wiped from memory and never shown. New passwords are random letters and
//! digits.

use crate::object::Form;
use base64ct::{Base64Url, Encoding};
use rand::TryRng;
use rand::rngs::{SysError, SysRng};
use std::fmt;
use zeroize::Zeroizing;

/// The length of a new password. It has 190 bits of randomness.
pub(super) const LENGTH: usize = 32;

/// The number of random bytes of a Fernet key.
const KEY_BYTES: usize = 32;

/// The length of a Fernet key in base64.
pub(super) const KEY_LENGTH: usize = 44;

/// Only letters and digits: mariadb-operator puts a password into SQL unescaped. There a quote
/// breaks the statement, and a backslash silently sets another password.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A password in clear text.
pub struct Password(Zeroizing<Vec<u8>>);

impl Password {
    /// A new value of this form from the operating system's random generator.
    pub fn mint(form: Form) -> Result<Self, SysError> {
        match form {
            Form::Password => Self::letters_and_digits(),
            Form::FernetKey => Self::fernet_key(),
        }
    }

    fn fernet_key() -> Result<Self, SysError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        SysRng.try_fill_bytes(&mut *bytes)?;
        Ok(Self(Zeroizing::new(Base64Url::encode_string(&*bytes).into_bytes())))
    }

    fn letters_and_digits() -> Result<Self, SysError> {
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

    /// A value of this form that an earlier run created. `None` for a text that no run creates.
    pub fn minted_before(form: Form, text: &[u8]) -> Option<Self> {
        let is_minted = match form {
            Form::Password => text.len() == LENGTH && text.iter().all(u8::is_ascii_alphanumeric),
            Form::FernetKey => is_fernet_key(text),
        };
        is_minted.then(|| Self(Zeroizing::new(text.to_vec())))
    }

    /// A password that a third party gave. `None` for a text that is too long or has spaces, quotes
    /// or other characters that no access key has.
    pub fn given(form: Form, text: &[u8]) -> Option<Self> {
        let is_plain = |byte: &u8| byte.is_ascii_graphic() && !b"\"\\".contains(byte);
        let fits = match form {
            Form::Password => (1..=1024).contains(&text.len()) && text.iter().all(is_plain),
            Form::FernetKey => is_fernet_key(text),
        };
        fits.then(|| Self(Zeroizing::new(text.to_vec())))
    }

    /// The same password for another Secret.
    pub(super) fn repeated(&self) -> Self {
        Self(self.0.clone())
    }

    /// The clear text. The caller must wipe every copy of it.
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

/// Whether Frappe can use a text as an encryption key: 32 bytes in URL-safe base64.
pub(super) fn is_fernet_key(text: &[u8]) -> bool {
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    Base64Url::decode(text, &mut *bytes).is_ok_and(|bytes| bytes.len() == KEY_BYTES)
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
            let password = Password::mint(Form::Password).unwrap();
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
        let password = Password::minted_before(Form::Password, &[b'x'; LENGTH]).unwrap();
        assert_eq!(format!("{password:?} {password:#?}"), "Password(…) Password(…)");
    }

    #[test]
    fn only_what_is_minted_counts_as_such() {
        assert!(Password::minted_before(Form::Password, &[b'a'; LENGTH - 1]).is_none());
        assert!(Password::minted_before(Form::Password, &[b'\''; LENGTH]).is_none());
    }

    /// Frappe gives the text to `cryptography.fernet`, which takes 32 bytes in URL-safe base64 with padding.
    #[test]
    fn an_encryption_key_is_32_bytes_in_url_safe_base64() {
        let mut seen = HashSet::new();
        for _ in 0..1000 {
            let key = Password::mint(Form::FernetKey).unwrap();
            let text = key.reveal();
            assert_eq!((text.len(), text.last()), (KEY_LENGTH, Some(&b'=')));
            let is_of_the_alphabet =
                |byte: &u8| byte.is_ascii_alphanumeric() || b"-_=".contains(byte);
            assert!(text.iter().all(is_of_the_alphabet));
            assert!(Password::minted_before(Form::FernetKey, text).is_some());
            assert!(Password::minted_before(Form::Password, text).is_none());
            assert!(seen.insert(text.to_vec()));
        }
        let short = Base64Url::encode_string(&[0; KEY_BYTES - 1]);
        let long = Base64Url::encode_string(&[0; KEY_BYTES + 1]);
        for bad in [short.as_bytes(), long.as_bytes(), b"", &[b'a'; LENGTH], &[b'+'; KEY_LENGTH]] {
            assert!(Password::minted_before(Form::FernetKey, bad).is_none());
            assert!(Password::given(Form::FernetKey, bad).is_none());
        }
    }

    #[test]
    fn what_is_given_is_one_word_that_needs_no_escape() {
        assert!(Password::given(Form::Password, b"wJalrXUtnFEMI/K7MDENG+bPxRfiCY=").is_some());
        for bad in ["", "a b", "a\n", "\"", "\\", "\u{e9}"] {
            assert!(Password::given(Form::Password, bad.as_bytes()).is_none(), "{bad:?}");
        }
        assert!(Password::given(Form::Password, &[b'a'; 1025]).is_none());
    }
}
