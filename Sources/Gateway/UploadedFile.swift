//  A file that came with a request: as its body, or as a part of one.

/// A file as the client sent it.
package struct UploadedFile: Equatable, Sendable {
    /// The form field that it came in, or nil if it was the whole body or a part without a name.
    package let field: String?
    /// The name that the client gave it: one component of a path without control characters; nil if it gave none.
    package let name: String?
    /// In lower case and without parameters; `application/octet-stream` if the client stated no valid one.
    package let mediaType: String
    package let content: [UInt8]

    package init(field: String? = nil, name: String? = nil, mediaType: String, content: [UInt8]) {
        self.field = field
        self.name = name.flatMap(Self.component)
        self.mediaType = Self.isMediaType(mediaType) ? mediaType : "application/octet-stream"
        self.content = content
    }

    /// The longest name, in bytes: what file systems take.
    private static let longestName = 255

    private static func component(_ name: String) -> String? {
        let scalars = name.unicodeScalars.split { $0 == "/" || $0 == "\\" }.last ?? [][...]
        let text = String(String.UnicodeScalarView(scalars.filter { $0.properties.generalCategory != .control }))
        return text.isEmpty || text == "." || text == ".." || text.utf8.count > longestName ? nil : text
    }

    /// Source: RFC 6838 §4.2.
    private static func isMediaType(_ text: String) -> Bool {
        let names = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return names.count == 2 && names.allSatisfy { (1...127).contains($0.count) && $0.allSatisfy(isNameByte) }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$&-^_.+".utf8.contains(byte)
        }
    }
}
