//! Addresses of Git repositories and names of branches, and which of them the engines accept.

use super::accept::is_label;
use super::{Complaint, GitUrl};

/// An address with a scheme, or with an account as ssh writes it. A password or token in the
/// address is refused: everyone could read it in Git and in the engine's objects in the cluster.
pub(super) fn is_git_url(text: &str) -> bool {
    let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    // Argo CD would read two braces as the start of a template.
    is_plain && !text.contains("{{") && !text.ends_with(':') && is_address(text)
}

fn is_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        let by_account = text.split_once('@').and_then(|(user, rest)| {
            let (host, path) = rest.split_once(':')?;
            Some(is_label(user) && !host.is_empty() && !path.is_empty())
        });
        return by_account.unwrap_or(false);
    };
    let Some((authority, path)) = rest.split_once('/') else { return false };
    let (account, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let is_open = match scheme {
        "https" | "http" => !authority.contains('@'),
        "ssh" => !account.contains(':'),
        _ => false,
    };
    is_open && is_host(host) && !path.is_empty()
}

/// A host with or without a port. Any other text after a colon is part of a token that contains a
/// slash.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    !host.is_empty() && port.is_none_or(is_port)
}

/// The rules of `git check-ref-format --branch`.
pub(super) fn is_branch(text: &str) -> bool {
    let is_refused = |c: char| c.is_whitespace() || c.is_control() || "~^:?*[\\".contains(c);
    let is_part =
        |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    !text.contains(is_refused)
        && !["..", "@{", "{{"].iter().any(|refused| text.contains(refused))
        && !text.starts_with('-')
        && !text.ends_with('.')
        && !["@", "HEAD"].contains(&text)
        && text.split('/').all(is_part)
}

impl GitUrl {
    /// Whether Flux accepts this address. The error says what to write (source: the pattern of
    /// `spec.url` in source-controller's GitRepository, which requires a scheme).
    pub fn check_for_flux(&self) -> Result<(), Complaint> {
        match (self.as_str().contains("://"), self.as_str().split_once(':')) {
            (false, Some((host, path))) => Err(Complaint {
                message: format!(
                    "Flux does not accept an address without a scheme, such as `{self}`"
                ),
                help: format!("write `ssh://{host}/{}`", path.trim_start_matches('/')),
            }),
            _ => Ok(()),
        }
    }

    /// Whether Flux needs a key for this address (source: source-controller, where `ssh://` without
    /// `secretRef` is an error).
    pub fn needs_key(&self) -> bool {
        self.as_str().starts_with("ssh://")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_repositories() {
        for good in [
            "https://github.com/acme/fleet",
            "http://git.local:3000/fleet.git",
            "ssh://git@github.com/acme/fleet",
            "ssh://git.local:2222/srv/fleet",
            "https://[::1]/fleet",
            "https://[::1]:3000/fleet",
            "git@github.com:acme/fleet.git",
        ] {
            assert!(is_git_url(good), "{good}");
        }
        for bad in [
            "",
            "github.com/acme/fleet",
            "https://github.com",
            "https:///fleet",
            "https://acme:token@github.com/acme/fleet",
            "https://token@github.com/acme/fleet",
            "ssh://git:password@github.com/acme/fleet",
            "https://acme:to/ken@github.com/acme/fleet",
            "https://github.com:/fleet",
            "git@github.com:",
            "git@:fleet",
            "file:///srv/fleet",
            "https://github.com/acme/{{fleet}}",
            "https://github.com/acme/a b",
        ] {
            assert!(!is_git_url(bad), "{bad}");
        }
    }

    #[test]
    fn names_of_branches() {
        for good in ["main", "release/2026-11", "a.b", "feature/x_y", "v1@stable"] {
            assert!(is_branch(good), "{good}");
        }
        for bad in [
            "", "-x", "a b", "a..b", "a~1", "a^", "a:b", "a*", "/a", "a/", "a//b", ".a", "a/.b",
            "a.", "a.lock", "a@{1}", "@", "HEAD", "a\\b", "{{a}}",
        ] {
            assert!(!is_branch(bad), "{bad}");
        }
    }

    #[test]
    fn flux_reads_addresses_with_a_scheme() {
        let check = |text: &str| GitUrl::new(text).unwrap().check_for_flux();
        assert_eq!(check("https://github.com/acme/fleet"), Ok(()));
        assert_eq!(check("ssh://git@github.com/acme/fleet"), Ok(()));
        let complaint = check("git@github.com:acme/fleet").unwrap_err();
        assert_eq!(complaint.help, "write `ssh://git@github.com/acme/fleet`");
    }
}
