//  Bodies of several parts. Source: RFC 2046 §5.1.1, RFC 7578.

/// The parts of a body.
struct MultipartBody {
    /// One part.
    struct Part {
        /// `Content-Disposition`: the name of the field and of the file.
        var disposition: FieldValue?
        var contentType: FieldValue?
        /// `Content-Transfer-Encoding` in lower case.
        var transferEncoding: String?
        var content: ArraySlice<UInt8>
    }

    private(set) var parts: [Part] = []

    private static let mostParts = 1_000
    /// The longest head of a part, in bytes.
    private static let longestHead = 8_192
    private static let lineBreak = Array("\r\n".utf8)

    /// - Throws: `.badRequest` if the delimiters or the heads of the parts are not in order.
    init(_ bytes: [UInt8], boundary: String) throws(APIError) {
        guard (1...70).contains(boundary.utf8.count) else {
            throw Self.malformed("its Content-Type names no boundary of 1 to 70 characters")
        }
        let delimiter = Self.lineBreak + Array("--\(boundary)".utf8)
        guard var position = Self.preambleEnd(bytes, delimiter) else {
            throw Self.malformed("its boundary never comes")
        }
        while !bytes[position...].starts(with: "--".utf8) {
            // Spaces may stand behind a delimiter.
            while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
            guard bytes[position...].starts(with: Self.lineBreak) else {
                throw Self.malformed("something follows its boundary on the same line")
            }
            let start = position + Self.lineBreak.count
            guard let end = bytes.position(of: delimiter, from: start) else {
                throw Self.malformed("it ends before its last boundary")
            }
            guard parts.count < Self.mostParts else { throw Self.malformed("it has more than \(Self.mostParts) parts") }
            parts.append(try Self.part(bytes, start..<end))
            position = end + delimiter.count
        }
    }

    /// Where the first delimiter ends. No line break comes before it where nothing else does.
    private static func preambleEnd(_ bytes: [UInt8], _ delimiter: [UInt8]) -> Int? {
        let bare = delimiter.dropFirst(lineBreak.count)
        if bytes.starts(with: bare) { return bare.count }
        return bytes.position(of: delimiter, from: 0).map { $0 + delimiter.count }
    }

    private static func part(_ bytes: [UInt8], _ range: Range<Int>) throws(APIError) -> Part {
        if bytes[range].starts(with: lineBreak) {
            return Part(content: bytes[range].dropFirst(lineBreak.count))
        }
        let headEnd = bytes.position(of: lineBreak + lineBreak, from: range.lowerBound, to: range.upperBound)
        let head = bytes[range.lowerBound..<(headEnd ?? range.upperBound)]
        guard head.count <= longestHead else { throw malformed("the head of a part is too long") }
        var part = Part(content: headEnd.map { bytes[($0 + 2 * lineBreak.count)..<range.upperBound] } ?? [])
        guard let lines = String(validating: head, as: UTF8.self) else {
            throw malformed("the head of a part is not UTF-8")
        }
        for line in lines.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":") else { throw malformed("a part has a field without a colon") }
            let value = String(line[line.index(after: colon)...])
            switch line[..<colon].lowercased() {
            case "content-disposition": part.disposition = FieldValue(value)
            case "content-type": part.contentType = FieldValue(value)
            case "content-transfer-encoding": part.transferEncoding = FieldValue(value).essence
            default: break
            }
        }
        return part
    }

    private static func malformed(_ reason: String) -> APIError {
        .badRequest("The multipart body is malformed: \(reason).")
    }
}

extension MultipartBody.Part {
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

extension [UInt8] {
    /// Where `pattern` first begins at or behind `start` and ends before `end`.
    fileprivate func position(of pattern: [UInt8], from start: Int, to end: Int? = nil) -> Int? {
        guard let first = pattern.first else { return nil }
        var position = start
        let last = (end ?? count) - pattern.count
        while position <= last {
            if self[position] == first, self[position..<(position + pattern.count)].elementsEqual(pattern) {
                return position
            }
            position += 1
        }
        return nil
    }
}
