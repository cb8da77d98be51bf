//! The image of a server: stated itself, or by the version that runs in it.

use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::language::{Image, Version};
use crate::layers::{Origin, require};

/// The fields that state an image.
pub(super) struct StatedImage {
    pub(super) image: Option<Image>,
    pub(super) version: Option<Version>,
    /// A version, as an example in a message.
    pub(super) example: &'static str,
}

impl StatedImage {
    /// The stated image, or the image of the stated version. If both are stated, it is not clear
    /// which is meant, so that is an error. `prefix` leads to the fields in the definition.
    pub(super) fn resolve(
        self,
        origin: &Origin,
        prefix: &[&'static str],
        of_version: impl Fn(&Version) -> String,
    ) -> Checked<Image> {
        let version_path = [prefix, &["version"]].concat();
        let Some(image) = self.image else {
            let why = format!("such as \"{}\"", self.example);
            let version = require(self.version, origin, &version_path, &why)?;
            // The format of a version has only characters that a tag may have.
            return Image::new(&of_version(&version)).map_err(|_| Vec::new());
        };
        let is_stated = self.version.is_some() && !origin.layers.is_default(&version_path);
        if let Some(span) = origin.layers.span(&version_path).filter(|_| is_stated) {
            let message = "`image` and `version` are both stated";
            let image_path = [prefix, &["image"]].concat();
            // SW107: fields that exclude each other.
            let problem = Diagnostic::new(Code::Conflict, origin.span(&image_path), message)
                .related(span, "the version")
                .help("keep one; if another layer states the other one, unset it with `null`");
            return Err(vec![problem]);
        }
        Ok(image)
    }
}
