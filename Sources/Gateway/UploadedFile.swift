//  A file that came with a request: as its body, or as a part of one.

/// A file as the client sent it, when its bytes are stored.
package struct UploadedFile: Equatable, Sendable {
    package let label: FileLabel
    /// What the bytes are found by where files are stored.
    package let digest: String
    /// In bytes.
    package let length: Int

    package init(_ label: FileLabel, digest: String, length: Int) {
        self.label = label
        self.digest = digest
        self.length = length
    }
}

/// What stands on a file.
package struct FileLabel: Equatable, Sendable {
    /// The name that the client gave it: one component of a path without control characters; nil if it gave none.
    package let name: String?
    /// In lower case and without parameters; `application/octet-stream` if the client stated no valid one.
    package let mediaType: String

    package init(name: String? = nil, mediaType: String) {
        self.name = name.flatMap(Self.component)
        self.mediaType = Self.isMediaType(mediaType) ? mediaType : Self.unknownType
    }

    private static let unknownType = "application/octet-stream"

    /// The longest name, in bytes: what file systems take.
    private static let longestName = 255

    /// A name as one component of a path; nil if nothing is left of it.
    static func component(_ name: String) -> String? {
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

/// Where the bytes of files go while they arrive; implemented over the store.
package protocol FileArchive: Sendable {
    /// Stores what `next` gives, until it gives nil, and returns what the bytes are found by.
    ///
    /// - Parameters:
    ///   - account: for which the bytes count from the first on; nil for the system.
    ///   - length: how many bytes there are, if that is known.
    /// - Throws: what `next` throws, and then nothing is left; `.validation` at `file` if the account has no room for
    ///   them; `.diskFull`, `.storeUnavailable`.
    func store(
        for account: String?,
        length: Int?,
        _ next: () throws(APIError) -> [UInt8]?
    ) throws(APIError) -> String
}

/// How large a file may be, and what is said to a larger one.
package struct FileAllowance: Sendable {
    package let bytes: Int
    /// The account that the file counts for; nil for the system.
    package let account: String?
    package let refusal: APIError

    package init(bytes: Int, for account: String?, else refusal: APIError) {
        self.bytes = bytes
        self.account = account
        self.refusal = refusal
    }
}
