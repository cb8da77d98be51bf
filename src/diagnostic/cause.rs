//! Why a call of the operating system failed, in words that are the same on every machine.

use std::io;

/// The operating system's words for an error. Libraries add a path to them, which is absolute and so belongs in no
/// message; and the error's kind alone has no word for a broken disk.
pub fn cause(error: &io::Error) -> String {
    let inner = || error.get_ref()?.source()?.downcast_ref::<io::Error>();
    match error.raw_os_error().or_else(|| inner()?.raw_os_error()) {
        Some(code) => io::Error::from_raw_os_error(code).to_string(),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_left_out_and_the_reason_stays() {
        let missing = fs_err::read("/nowhere/at/all").unwrap_err();
        assert_eq!(cause(&missing), "No such file or directory (os error 2)");
        assert_eq!(cause(&io::Error::from_raw_os_error(5)), "Input/output error (os error 5)");
        assert_eq!(cause(&io::Error::other("it is a pipe")), "it is a pipe");
    }
}
