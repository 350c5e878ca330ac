//  Bodies of several parts, read as they come. Source: RFC 2046 §5.1.1, RFC 7578.

import Glibc

/// Reads one part after the other: its head, then its content piece by piece. Nothing but a piece is in memory.
struct MultipartReader {
    /// What stands before the content of a part.
    struct Head {
        /// `Content-Disposition`: the name of the field and of the file.
        var disposition: FieldValue?
        var contentType: FieldValue?
        /// `Content-Transfer-Encoding` in lower case.
        var transferEncoding: String?
    }

    /// Gives the next bytes of the body; nil at its end.
    typealias Source = () throws(APIError) -> [UInt8]?

    private enum State { case inPreamble, inContent, behindDelimiter, closed }

    private static let mostParts = 1_000
    /// The longest head of a part, in bytes.
    private static let longestHead = 8_192
    /// What may stand before the first delimiter, in bytes, which nobody reads.
    private static let longestPreamble = 65_536
    private static let lineBreak = Array("\r\n".utf8)

    /// Read and not used yet, from `position` on. The line break of the first delimiter may be the body's beginning.
    private var buffer = Self.lineBreak
    private var position = 0
    private let delimiter: [UInt8]
    private var state = State.inPreamble
    private var partsRead = 0
    private var preambleRead = 0

    /// - Throws: `.badRequest` for a boundary that cannot be one.
    init(boundary: String) throws(APIError) {
        guard (1...70).contains(boundary.utf8.count) else {
            throw Self.malformed("its Content-Type names no boundary of 1 to 70 characters")
        }
        delimiter = Self.lineBreak + Array("--\(boundary)".utf8)
    }

    /// Returns the head of the next part, or nil behind the last; what is left of the part before is skipped.
    ///
    /// - Throws: `.badRequest` if the delimiters or the heads of the parts are not in order.
    mutating func nextHead(_ source: Source) throws(APIError) -> Head? {
        while let skipped = try piece(source) {
            guard state == .inPreamble else { continue }
            preambleRead += skipped.count
            guard preambleRead <= Self.longestPreamble else { throw Self.malformed("its boundary never comes") }
        }
        guard state == .behindDelimiter else { return nil }
        if try starts(with: Array("--".utf8), source) {
            state = .closed
            return nil
        }
        // Spaces may stand behind a delimiter.
        while try ensure(1, source), buffer[position] == 0x20 || buffer[position] == 0x09 { position += 1 }
        guard try starts(with: Self.lineBreak, source) else {
            throw Self.malformed("something follows its boundary on the same line")
        }
        position += Self.lineBreak.count
        guard partsRead < Self.mostParts else { throw Self.malformed("it has more than \(Self.mostParts) parts") }
        partsRead += 1
        state = .inContent
        if try starts(with: Self.lineBreak, source), try !starts(with: delimiter, source) {
            position += Self.lineBreak.count
            return Head()
        }
        return try Self.head(takeHead(source))
    }

    /// Returns the next bytes of the part's content, or nil at its end.
    ///
    /// - Throws: `.badRequest` if the body ends first.
    mutating func piece(_ source: Source) throws(APIError) -> [UInt8]? {
        guard state == .inContent || state == .inPreamble else { return nil }
        while true {
            if let end = find(delimiter) {
                let piece = Array(buffer[position..<end])
                position = end
                if !piece.isEmpty { return piece }
                position += delimiter.count
                state = .behindDelimiter
                return nil
            }
            // What may be the beginning of a delimiter stays.
            let sure = buffer.count - position - (delimiter.count - 1)
            if sure > 0 {
                let piece = Array(buffer[position..<(position + sure)])
                position += sure
                return piece
            }
            guard try fill(source) else {
                throw Self.malformed(
                    state == .inPreamble ? "its boundary never comes" : "it ends before its last boundary"
                )
            }
        }
    }

    /// Takes the lines of a head, with or without the empty line that ends them.
    private mutating func takeHead(_ source: Source) throws(APIError) -> [UInt8] {
        while true {
            let next = find(delimiter)
            if let end = find(Self.lineBreak + Self.lineBreak), end < next ?? .max {
                let length = end - position
                guard length <= Self.longestHead else { break }
                // A part without content may share the line break with the delimiter behind it.
                _ = try ensure(length + Self.lineBreak.count + delimiter.count, source)
                let head = Array(buffer[position..<(position + length)])
                position += length + Self.lineBreak.count
                if !buffer[position...].starts(with: delimiter) { position += Self.lineBreak.count }
                return head
            }
            if let next {
                guard next - position <= Self.longestHead else { break }
                defer { position = next }
                return Array(buffer[position..<next])
            }
            guard buffer.count - position <= Self.longestHead + delimiter.count else { break }
            guard try fill(source) else { throw Self.malformed("it ends before its last boundary") }
        }
        throw Self.malformed("the head of a part is too long")
    }

    private static func head(_ bytes: [UInt8]) throws(APIError) -> Head {
        var head = Head()
        guard let lines = String(validating: bytes, as: UTF8.self) else {
            throw malformed("the head of a part is not UTF-8")
        }
        for line in lines.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":") else { throw malformed("a part has a field without a colon") }
            let value = String(line[line.index(after: colon)...])
            switch line[..<colon].lowercased() {
            case "content-disposition": head.disposition = FieldValue(value)
            case "content-type": head.contentType = FieldValue(value)
            case "content-transfer-encoding": head.transferEncoding = FieldValue(value).essence
            default: break
            }
        }
        return head
    }

    // MARK: The buffer

    /// Reads on; false at the end of the body.
    private mutating func fill(_ source: Source) throws(APIError) -> Bool {
        guard let bytes = try source() else { return false }
        buffer.removeSubrange(..<position)
        position = 0
        buffer += bytes
        return true
    }

    /// Whether there are so many bytes; reads on for them.
    private mutating func ensure(_ count: Int, _ source: Source) throws(APIError) -> Bool {
        while buffer.count - position < count { guard try fill(source) else { return false } }
        return true
    }

    private mutating func starts(with pattern: [UInt8], _ source: Source) throws(APIError) -> Bool {
        try ensure(pattern.count, source) && buffer[position...].starts(with: pattern)
    }

    /// Where a pattern begins in what was read.
    private func find(_ pattern: [UInt8]) -> Int? {
        buffer.withUnsafeBytes { buffer in
            pattern.withUnsafeBytes { pattern in
                guard let start = buffer.baseAddress, let wanted = pattern.baseAddress, let first = pattern.first else {
                    return nil
                }
                var place = position
                while place + pattern.count <= buffer.count {
                    let last = buffer.count - pattern.count
                    guard let found = memchr(start + place, Int32(first), last - place + 1) else { return nil }
                    place = UnsafeRawPointer(found) - start
                    if memcmp(start + place, wanted, pattern.count) == 0 { return place }
                    place += 1
                }
                return nil
            }
        }
    }

    private static func malformed(_ reason: String) -> APIError {
        .badRequest("The multipart body is malformed: \(reason).")
    }
}

extension MultipartReader.Head {
    /// The name of the form field. Source: WHATWG HTML, "Multipart form data": browsers write quotation marks and line
    /// breaks in names as percent escapes.
    var fieldName: String? {
        disposition?["name"]?.replacing("%22", with: "\"").replacing("%0D", with: "\r").replacing("%0A", with: "\n")
    }

    /// The name of the file; the extended form wins. Source: RFC 6266 §4.3.
    var fileName: String? {
        guard let extended = disposition?["filename*"] else { return disposition?["filename"] }
        let pieces = extended.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard pieces.count == 3, pieces[0].lowercased() == "utf-8",
            let name = try? percentDecoded(Array(pieces[2].utf8)[...])
        else { return disposition?["filename"] }
        return name
    }
}
