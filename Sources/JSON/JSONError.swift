//  Why a text is not the JSON that is accepted here, and where.

/// The first thing wrong with a text.
package struct JSONError: Error, Equatable, Sendable {
    package enum Reason: Equatable, Sendable {
        case noValue
        case unexpectedEnd
        case unexpectedByte(UInt8)
        case trailingInput
        case invalidNumber
        case invalidEscape
        case unpairedSurrogate
        case invalidUTF8
        /// A byte below 0x20 inside a string.
        case controlCharacter(UInt8)
        /// Keys are compared after their escapes are read; the place is that of the later one.
        case duplicateKey
        case nulInKey
        /// More than `JSON.maximumDepth` levels.
        case tooDeep
        /// More than the reader allowed.
        case tooManyValues
        case byteOrderMark
    }

    package let reason: Reason
    /// Where it is, in bytes from the start.
    package let offset: Int
    /// Where it is: lines count from 1 and end with a line feed.
    package let line: Int
    /// Where it is: characters of the line, from 1.
    package let column: Int

    /// One sentence for people: what is wrong, and where.
    package var message: String {
        "\(reason.sentence) around line \(line), column \(column) (byte \(offset))."
    }
}

extension JSONError.Reason {
    fileprivate var sentence: String {
        switch self {
        case .noValue: "The text has no JSON value"
        case .unexpectedEnd: "The text ends too early"
        case .unexpectedByte(let byte) where (0x21...0x7E).contains(byte):
            "Unexpected character '\(Character(UnicodeScalar(byte)))'"
        case .unexpectedByte(let byte): "Unexpected byte \(hexadecimal(byte))"
        case .trailingInput: "Something follows the JSON value"
        case .invalidNumber: "A number is not written as JSON writes numbers"
        case .invalidEscape: "A string has an escape that JSON does not know"
        case .unpairedSurrogate: "A string has half of a surrogate pair"
        case .invalidUTF8: "A string is not UTF-8"
        case .controlCharacter(let byte): "A string has the unescaped control character \(hexadecimal(byte))"
        case .duplicateKey: "A key occurs twice in one object"
        case .nulInKey: "A key has a NUL character"
        case .tooDeep: "Arrays and objects nest deeper than \(JSON.maximumDepth) levels"
        case .tooManyValues: "The text has too many values"
        case .byteOrderMark: "The text begins with a byte order mark"
        }
    }

    private func hexadecimal(_ byte: UInt8) -> String {
        "0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}

/// What a scan stops with: a reason and an offset, without the cost of finding the line.
struct JSONFault: Error {
    let reason: JSONError.Reason
    let offset: Int

    init(_ reason: JSONError.Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// The error with its line and column, counted in the text that was scanned.
    func located(in bytes: Span<UInt8>) -> JSONError {
        var line = 1
        var column = 1
        for position in 0..<min(offset, bytes.count) {
            if bytes[position] == Ascii.lineFeed {
                line += 1
                column = 1
            } else if bytes[position] & 0xC0 != 0x80 {
                column += 1
            }
        }
        return JSONError(reason: reason, offset: offset, line: line, column: column)
    }
}
