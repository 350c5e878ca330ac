//  Text as a part of a path or a query. Source: RFC 3986 §2.

/// Everything but RFC 3986's unreserved characters as `%XX`. Cost: nothing for a text that has none.
func percentEncoded(_ text: String) -> String {
    guard !text.utf8.allSatisfy(isUnreserved) else { return text }
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

private func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        true
    default: false
    }
}
