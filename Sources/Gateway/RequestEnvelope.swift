//  The body of a request: `data` and the words around it.

import HTTPMessage
import HTTPTypes
import JSON

/// What a request's body says.
package struct RequestEnvelope: Sendable {
    /// The `data` member: an object or an array; an empty object if there was no body.
    package var data: JSON
    /// The other top-level members by their normalised names; nulls are absent.
    package var members: JSONObject
    /// The files that came, in their order.
    package var files: [UploadedFile] = []

    package static let empty = RequestEnvelope(data: [:], members: JSONObject())

    /// The largest body, in bytes. nginx lets slightly more through, so that this limit answers.
    package static let limit = 8_000_000

    /// The media types of envelopes.
    package static let mediaTypes = [
        "application/json", "application/x-json", "application/x-www-form-urlencoded", "multipart/form-data",
        "multipart/mixed",
    ]

    /// Reads the body of a request.
    ///
    /// A form that begins with a bracket is JSON, because curl calls every body a form. A body that is no envelope is
    /// one file; whether the endpoint takes such files is asked when it is known.
    /// - Throws: `.validation` at `file`, `json` or `data`; `.badRequest`.
    package init(of request: inout Request) throws(APIError) {
        var bytes = try Self.read(&request.body)
        guard !bytes.isEmpty else {
            self = .empty
            return
        }
        let type = FieldValue(String(decoding: request.parameters.bytes("CONTENT_TYPE") ?? [], as: UTF8.self))
        let encoding = request.parameters.text("HTTP_CONTENT_TRANSFER_ENCODING").map { FieldValue($0).essence }
        var statedType: String?
        if encoding == "base64" || Self.base64.contains(type.essence) {
            (bytes, statedType) = try Base64Body.decode(bytes)
        }
        switch type.essence {
        case "", "application/json", "application/x-json":
            try self.init(json: bytes)
        case "application/x-www-form-urlencoded" where !Self.looksLikeJSON(bytes):
            try self.init(value: FormEnvelope.value(of: QueryParameters(bytes[...])))
        case "application/x-www-form-urlencoded":
            try self.init(json: bytes)
        case let essence where essence.hasPrefix("multipart/"):
            try self.init(MultipartBody(bytes, boundary: type["boundary"] ?? ""))
        case let essence:
            let own = Self.base64.contains(essence) ? "application/octet-stream" : essence
            self = .empty
            files = [UploadedFile(mediaType: statedType ?? own, content: bytes)]
        }
    }

    private static let base64: Set<String> = ["application/base64", "application/x-base64"]

    private static func read(_ body: inout any RequestBody) throws(APIError) -> [UInt8] {
        do throws(RequestBodyError) {
            return try body.readAll(limit: limit)
        } catch .tooLarge {
            throw .invalid(
                "file",
                rule: "maxSize",
                "Payload or Files must not be more than \(limit) bytes",
                ["target": .number(JSONNumber(limit))]
            )
        } catch {
            throw .badRequest("The body ended before its announced length.")
        }
    }

    private static func looksLikeJSON(_ bytes: [UInt8]) -> Bool {
        let first = bytes.first { $0 != 0x20 && !(0x09...0x0D).contains($0) }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }

    /// Reads the parts of a body: one envelope in JSON, or the fields of a form, and files in their order.
    private init(_ body: MultipartBody) throws(APIError) {
        var envelope: JSON?
        var fields: [(name: String, value: String?)] = []
        var files: [UploadedFile] = []
        for part in body.parts {
            switch try EnvelopePart(part) {
            case .envelope(let value):
                guard envelope == nil else { throw .badRequest("Two parts of the body are envelopes; send one.") }
                envelope = value
            case .field(let name, let value): fields.append((name, value))
            case .file(let file): files.append(file)
            case .nothing: break
            }
        }
        guard envelope == nil || fields.isEmpty else {
            throw .badRequest("The data came both as JSON and as the fields of a form; send one of them.")
        }
        if let envelope {
            try self.init(value: envelope)
        } else {
            try self.init(value: FormEnvelope.value(of: QueryParameters(pairs: fields)))
        }
        self.files = files
    }

    private init(json bytes: [UInt8]) throws(APIError) {
        try self.init(value: Self.parse(bytes))
    }

    /// Reads an envelope that is a value already.
    init(value: JSON) throws(APIError) {
        guard case .object(let envelope) = value else {
            throw .invalid("json", rule: "invalid", "All JSON must be valid", ["target": "body"])
        }
        var members = JSONObject()
        for (name, member) in envelope where !member.isNull {
            let name = Self.normalised(name)
            guard members[name] == nil else { throw .badRequest("The envelope has two members that mean \(name).") }
            members[name] = member
        }
        switch members["data"] {
        case .object, .array: data = members["data"] ?? [:]
        case nil:
            throw .invalid("data", rule: "required", "Field is required but missing", ["value": value])
        case .some(let other):
            throw .invalid(
                "data",
                rule: "type",
                "Value did not match type(s): object, array",
                ["target": "object, array", "value": other]
            )
        }
        members["data"] = nil
        self.members = members
    }

    private init(data: JSON, members: JSONObject) {
        self.data = data
        self.members = members
    }

    static func parse(_ bytes: [UInt8]) throws(APIError) -> JSON {
        do {
            return try JSON(parsing: bytes)
        } catch {
            throw .invalid("json", rule: "invalid", error.message, ["target": "body"])
        }
    }

    /// `Auth-Token` and `auth_token` are one name.
    private static func normalised(_ name: String) -> String {
        String(decoding: name.utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : lowercased($0) }, as: UTF8.self)
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
