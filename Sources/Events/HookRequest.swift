//  What a webhook is sent: method, fields and body. Sources: Crossbar's "Webhooks"; the WHATWG's URL standard, §5.2.

import Bytes
import Crypto
import DocumentStore
import JSON

/// One request to a webhook, ready to be sent.
package struct HookRequest: Equatable, Sendable {
    package var method: String
    package var uri: String
    /// `Name: value`.
    package var fields: [String]
    /// Nil for a GET, whose data is its query.
    package var body: [UInt8]?

    /// - Parameters:
    ///   - number: which attempt it is, from 1.
    ///   - time: Unix seconds; signed, so that a receiver can refuse an old request that somebody sends again.
    package init(_ recorded: RecordedEvent, to hook: Hook, attempt number: Int, time: Int64) {
        let data = Self.data(recorded, hook)
        let isForm = hook.method == .get || hook.format == .form
        let text = isForm ? Array(Self.form(data).utf8) : JSON.object(data).bytes()
        method = hook.method.rawValue.uppercased()
        uri = hook.uri
        fields = [
            "User-Agent: jackfield",
            "X-Jackfield-Event: \(recorded.event.id)",
            "X-Jackfield-Attempt: \(number)",
            "X-Jackfield-Signature: t=\(time),v1=\(Self.signature(of: text, time: time, key: hook.key))",
        ]
        if hook.method == .get {
            uri += (uri.contains("?") ? "&" : "?") + String(decoding: text, as: UTF8.self)
        } else {
            fields.append("Content-Type: \(isForm ? "application/x-www-form-urlencoded" : "application/json")")
            body = text
        }
    }

    /// The event with Crossbar's names for what it has in common with Kazoo's `object` hook, and the hook's own data.
    private static func data(_ recorded: RecordedEvent, _ hook: Hook) -> JSONObject {
        var data = recorded.json
        data["hook_event"] = "object"
        data["action"] = .string(recorded.event.hookAction)
        data["id"] = .string(recorded.event.document.text)
        data["timestamp"] = .number(JSONNumber(Int(recorded.event.time + gregorianOffset)))
        for (name, value) in hook.customData where name != "type" && name != "action" { data[name] = value }
        return data
    }

    /// Seconds from the year 0 to 1970, for Crossbar's time stamps.
    private static let gregorianOffset: Int64 = 62_167_219_200

    /// HMAC-SHA256 over the time, a dot and the body (of a GET the query that was added), in hexadecimal digits.
    package static func signature(of body: [UInt8], time: Int64, key: String) -> String {
        var code = HMAC<SHA256>(key: SymmetricKey(data: Array(key.utf8)))
        code.update(data: Array("\(time).".utf8))
        code.update(data: body)
        return hexadecimal(code.finalize())
    }

    /// `application/x-www-form-urlencoded`: arrays as `name[]`, objects as `name[member]`.
    private static func form(_ data: JSONObject) -> String {
        data.flatMap { pairs($0.key, $0.value) }.map { "\(encoded($0))=\(encoded($1))" }.joined(separator: "&")
    }

    private static func pairs(_ name: String, _ value: JSON) -> [(String, String)] {
        switch value {
        case .array(let elements): elements.flatMap { pairs("\(name)[]", $0) }
        case .object(let members): members.flatMap { pairs("\(name)[\($0.key)]", $0.value) }
        case .string(let text): [(name, text)]
        case .number(let number): [(name, number.text)]
        case .bool(let flag): [(name, flag ? "true" : "false")]
        case .null: [(name, "")]
        }
    }

    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "*"):
                bytes.append(byte)
            case UInt8(ascii: " "): bytes.append(UInt8(ascii: "+"))
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
