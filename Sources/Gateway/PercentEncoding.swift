//  Text in URLs. Source: RFC 3986 §2.1.

import HTTPMessage

/// Everything but RFC 3986's unreserved characters as `%XX`. Cost: nothing for a text that has none.
package func percentEncoded(_ text: String) -> String {
    guard !isUnreserved(text) else { return text }
    var encoded: [UInt8] = []
    for byte in text.utf8 {
        if isUnreserved(byte) {
            encoded.append(byte)
        } else {
            let digits = String(byte, radix: 16, uppercase: true)
            encoded.append(contentsOf: "%\(digits.utf8.count == 1 ? "0" : "")\(digits)".utf8)
        }
    }
    return String(decoding: encoded, as: UTF8.self)
}

private func isUnreserved(_ text: String) -> Bool {
    let bytes = text.utf8.span
    for index in bytes.indices where !isUnreserved(bytes[index]) { return false }
    return true
}

private func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        true
    default: false
    }
}

/// Decodes `%XX` once. Cost: a look at each byte of a text that has nothing to decode.
func percentDecoded(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool = false) throws(APIError) -> String {
    let isPlain = bytes.allSatisfy { $0 != UInt8(ascii: "%") && $0 != UInt8(ascii: "+") && $0 != 0 }
    let decoded = isPlain ? bytes : try decodedBytes(bytes, plusIsSpace)[...]
    guard isPlain || !decoded.contains(0) else { throw .malformedTarget("it must not contain a NUL") }
    guard let text = String(utf8: decoded) else { throw .malformedTarget("it must be UTF-8 once decoded") }
    return text
}

private func decodedBytes(_ bytes: ArraySlice<UInt8>, _ plusIsSpace: Bool) throws(APIError) -> [UInt8] {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var rest = bytes
    while let byte = rest.popFirst() {
        switch byte {
        case UInt8(ascii: "%"):
            guard let high = rest.popFirst().flatMap(hexadecimalValue),
                let low = rest.popFirst().flatMap(hexadecimalValue)
            else { throw .malformedTarget("a percent sign must be followed by two hexadecimal digits") }
            decoded.append(high << 4 | low)
        case UInt8(ascii: "+") where plusIsSpace:
            decoded.append(UInt8(ascii: " "))
        default:
            decoded.append(byte)
        }
    }
    return decoded
}

private func hexadecimalValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
}
