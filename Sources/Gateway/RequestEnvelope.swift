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

    package static let empty = RequestEnvelope(data: [:], members: JSONObject())

    /// The largest body, in bytes. nginx lets slightly more through, so that this limit answers.
    package static let limit = 8_000_000

    /// The media types that a body may have.
    package static let mediaTypes = ["application/json", "application/x-json", "application/x-www-form-urlencoded"]

    /// Reads the body of a request.
    ///
    /// A body that begins with `{` is JSON whatever its type says, because curl calls every body a form.
    /// - Throws: `.validation` at `file`, `json` or `data`; `.unsupportedMediaType`.
    package init(of request: inout Request) throws(APIError) {
        let bytes: [UInt8]
        do {
            bytes = try request.body.readAll(limit: Self.limit)
        } catch .tooLarge {
            throw .invalid(
                "file",
                rule: "maxSize",
                "Payload or Files must not be more than \(Self.limit) bytes",
                ["target": .number(JSONNumber(Self.limit))]
            )
        } catch {
            throw .badRequest("The body ended before its announced length.")
        }
        guard !bytes.isEmpty else {
            self = .empty
            return
        }
        let mediaType = request.parameters.text("CONTENT_TYPE").map(MediaType.essence) ?? ""
        guard mediaType.isEmpty || Self.mediaTypes.contains(mediaType) else {
            throw .unsupportedMediaType(accepted: Self.mediaTypes)
        }
        let isForm = mediaType == "application/x-www-form-urlencoded" && bytes.first != UInt8(ascii: "{")
        try self.init(value: isForm ? FormEnvelope.value(of: QueryParameters(bytes[...])) : Self.parse(bytes))
    }

    /// Reads an envelope that is a value already.
    init(value: JSON) throws(APIError) {
        guard case .object(let envelope) = value else {
            throw .invalid("json", rule: "invalid", "All JSON must be valid", ["target": "body"])
        }
        var members = JSONObject()
        for (name, member) in envelope where !member.isNull { members[Self.normalised(name)] = member }
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

    private static func parse(_ bytes: [UInt8]) throws(APIError) -> JSON {
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

/// An envelope sent as a form: `data.name=Ada&data.hotdesk.enabled=true&verb=put`.
enum FormEnvelope {
    /// Builds the envelope; `data.…` names become nested objects of text, which the schema then types.
    ///
    /// - Throws: `.badRequest` if a name is both a value and a group.
    static func value(of form: QueryParameters) throws(APIError) -> JSON {
        var data = JSONObject()
        var envelope = JSONObject()
        for (name, value) in form.pairs {
            let path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            if path.count > 1, path[0] == "data" {
                try set(value ?? "true", at: path.dropFirst(), in: &data, name)
            } else {
                envelope[name] = .string(value ?? "true")
            }
        }
        envelope["data"] = .object(data)
        return .object(envelope)
    }

    private static func set(
        _ text: String,
        at path: ArraySlice<String>,
        in object: inout JSONObject,
        _ name: String
    ) throws(APIError) {
        guard let key = path.first, path.count <= 32 else { throw .badRequest("The field \(name) is nested too deep.") }
        guard path.count > 1 else {
            guard object[key] == nil else { throw .badRequest("The field \(name) came twice.") }
            object[key] = .string(text)
            return
        }
        var nested = JSONObject()
        switch object[key] {
        case nil: break
        case .object(let existing): nested = existing
        case .some: throw .badRequest("The field \(name) is both a value and a group.")
        }
        try set(text, at: path.dropFirst(), in: &nested, name)
        object[key] = .object(nested)
    }
}
