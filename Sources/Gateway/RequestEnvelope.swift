//  The body of a request: `data` and the words around it.

import JSON

/// What a request's body says.
package struct RequestEnvelope: Sendable {
    /// The `data` member: an object or an array; an empty object if there was no body.
    package var data: JSON
    /// The other top-level members by their normalised names; nulls are absent.
    package var members: JSONObject
    /// Whether it came as the fields of a form, so that what is no text in `data` is still text.
    package var isForm = false
    /// The file that came, when it is stored.
    package var file: UploadedFile?

    package static let empty = RequestEnvelope(data: [:], members: JSONObject())

    /// The largest envelope, in bytes. nginx lets slightly more through, so that this limit answers.
    package static let limit = 8_000_000

    /// How many values the JSON of a body has at most, so that a body of brackets alone does not fill the memory.
    package static let valueLimit = 300_000

    /// The media types of envelopes.
    package static let mediaTypes = [
        "application/json", "application/x-json", "application/x-www-form-urlencoded", "multipart/form-data",
        "multipart/mixed",
    ]

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

    init(form: QueryParameters) throws(APIError) {
        try self.init(value: FormEnvelope.value(of: form))
        isForm = true
    }

    static func parse(_ bytes: [UInt8]) throws(APIError) -> JSON {
        do {
            return try JSON(parsing: bytes, maximumValues: valueLimit)
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
