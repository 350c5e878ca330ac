//  What one part of a multipart body means.

import JSON

/// A part as a piece of a request.
enum EnvelopePart {
    /// A whole envelope in JSON.
    case envelope(JSON)
    /// A field of a form.
    case field(name: String, value: String)
    case file(UploadedFile)
    /// A file input of a form in which nobody chose a file.
    case nothing

    /// A part without a media type is a field if it has a name, unless it looks like JSON and its name is no path into
    /// the data; then it is an envelope, as Crossbar's clients send it.
    ///
    /// - Throws: `.validation` at `json` or `file`; `.badRequest` if a field is not text.
    init(_ part: MultipartBody.Part) throws(APIError) {
        var content = Array(part.content)
        var statedType: String?
        if part.transferEncoding == "base64" { (content, statedType) = try Base64Body.decode(content) }
        let name = part.fieldName
        let fileName = part.fileName
        let type = statedType ?? part.contentType?.essence
        if fileName == "", content.isEmpty {
            self = .nothing
        } else if fileName == nil, type == "application/json" || type == "application/x-json" {
            self = .envelope(try RequestEnvelope.parse(content))
        } else if fileName == nil, type == nil, name?.hasPrefix("data.") != true, content.first == UInt8(ascii: "{") {
            self = .envelope(try RequestEnvelope.parse(content))
        } else if fileName == nil, let name, type == nil || type == "text/plain" {
            self = .field(name: name, value: try Self.text(content, name))
        } else {
            let type = type ?? "application/octet-stream"
            self = .file(UploadedFile(field: name, name: fileName, mediaType: type, content: content))
        }
    }

    private static func text(_ content: [UInt8], _ name: String) throws(APIError) -> String {
        guard let text = String(validating: content, as: UTF8.self), !content.contains(0) else {
            throw .badRequest("The field \(name) is not UTF-8 text, or has a NUL in it.")
        }
        return text
    }
}
