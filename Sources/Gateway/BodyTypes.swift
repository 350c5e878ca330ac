//  Which bodies an endpoint takes.

/// The media types of the bodies that an endpoint takes.
package struct BodyTypes: Equatable, Sendable {
    /// Envelopes: JSON and forms.
    package static let envelope = BodyTypes(files: [])

    /// Envelopes, and files of these media types: `audio/mpeg`, `image/*`.
    package static func envelope(orFiles types: [String]) -> BodyTypes { BodyTypes(files: types) }

    private let files: [String]

    /// - Throws: `.unsupportedMediaType` if a file came that is of none of these types.
    func check(_ uploads: [UploadedFile]) throws(APIError) {
        guard uploads.allSatisfy({ takes($0.mediaType) }) else {
            throw .unsupportedMediaType(accepted: RequestEnvelope.mediaTypes + files)
        }
    }

    private func takes(_ mediaType: String) -> Bool {
        files.contains { $0 == mediaType || $0.hasSuffix("/*") && mediaType.hasPrefix($0.dropLast()) }
    }
}
