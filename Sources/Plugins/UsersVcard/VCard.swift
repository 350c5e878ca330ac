//  A card for address books. Source: RFC 2426.

import Foundation
import PluginKit

/// Collects the lines of a card.
struct VCard {
    private var lines: [String] = ["BEGIN:VCARD", "VERSION:3.0"]

    /// - Parameter name: how the person or the place is called as a whole; the two others together if it is nil.
    init(firstName: String?, lastName: String?, name: String? = nil) {
        let (first, last) = (firstName ?? "", lastName ?? "")
        let whole = name ?? [first, last].filter { !$0.isEmpty }.joined(separator: " ")
        lines.append("N:\(Self.escaped(last));\(Self.escaped(first));;;")
        lines.append("FN:\(Self.escaped(whole))")
    }

    mutating func add(email: String?) {
        if let email { lines.append("EMAIL;TYPE=INTERNET:\(Self.escaped(email))") }
    }

    mutating func add(number: String) { lines.append("TEL;TYPE=WORK:\(Self.escaped(number))") }

    /// Adds a picture, its bytes in base64. Source: RFC 2426 §3.1.4.
    mutating func add(photo bytes: [UInt8], mediaType: String) {
        let parts = mediaType.lowercased().split(separator: "/")
        let kind = parts.first == "image" && parts.count == 2 ? ";TYPE=\(parts[1].uppercased())" : ""
        lines.append("PHOTO;ENCODING=b\(kind):\(Data(bytes).base64EncodedString())")
    }

    /// All lines, the long ones folded. Source: RFC 2425 §5.8.1.
    var text: String {
        var text: [UInt8] = []
        for line in lines + ["END:VCARD"] {
            var rest = Array(line.utf8)[...]
            var limit = Self.lineLength
            while rest.count > limit {
                var end = rest.startIndex + limit
                // A character stays whole.
                while end > rest.startIndex, rest[end] & 0xC0 == 0x80 { end -= 1 }
                text += rest[..<end] + Array("\r\n ".utf8)
                rest = rest[end...]
                limit = Self.lineLength - 1
            }
            text += rest + Array("\r\n".utf8)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Of a line, in bytes, without its end.
    private static let lineLength = 75

    /// Source: RFC 2426 §5.
    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing(";", with: "\\;").replacing(",", with: "\\,")
            .replacing("\r", with: "").replacing("\n", with: "\\n")
    }
}

extension VCard {
    /// Adds the picture that a document has under a name, if it has one.
    mutating func addPhoto(_ name: String, of document: Document, _ reader: Reader) throws(APIError) {
        guard let photo = document.attachment(name), let bytes = try reader.bytes(of: photo) else { return }
        add(photo: bytes, mediaType: photo.mediaType)
    }
}
