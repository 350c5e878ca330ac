//  The formats of strings.

/// A form that strings can have.
///
/// Source: JSON Schema draft 4, validation, §7.3.
enum Format: Sendable {
    case dateTime
    case email
    /// What Crossbar takes for an address: something, one `@`, something.
    case looseEmail
    case hostname
    case ipv4
    case ipv6
    case uri
    case regularExpression

    /// The format of a name, or nil when strings are not checked against it: unknown formats hold for all strings, and
    /// Crossbar checks only four.
    init?(_ name: String, checksAll: Bool) {
        switch name {
        case "date-time": self = .dateTime
        case "email": self = checksAll ? .email : .looseEmail
        case "ipv4": self = .ipv4
        case "ipv6": self = .ipv6
        case "hostname" where checksAll: self = .hostname
        case "uri" where checksAll: self = .uri
        case "regex" where checksAll: self = .regularExpression
        default: return nil
        }
    }

    func matches(_ text: String) -> Bool {
        switch self {
        case .dateTime: isDateTime(text)
        case .email: isEmail(text)
        case .looseEmail:
            text.utf8.count { $0 == UInt8(ascii: "@") } == 1 && !text.hasPrefix("@") && !text.hasSuffix("@")
        case .hostname: isHostname(text)
        case .ipv4: isIPv4(text[...])
        case .ipv6: isIPv6(text[...])
        case .uri: isURI(text)
        case .regularExpression: isRegularExpression(text)
        }
    }

    private func isRegularExpression(_ text: String) -> Bool {
        do {
            _ = try Pattern(text)
            return true
        } catch .malformed {
            return false
        } catch {
            // It is one, if not one that can be matched here.
            return true
        }
    }
}

// MARK: - Addresses

/// Source: RFC 5321 §4.1.2, a dot-string as the local part.
private func isEmail(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, isHostname(String(parts[1])) else { return false }
    let special = Set("!#$%&'*+-/=?^_`{|}~".utf8)
    return parts[0].split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
        !atom.isEmpty && atom.utf8.allSatisfy { isAlphanumeric($0) || special.contains($0) || $0 >= 0x80 }
    }
}

/// Source: RFC 1123 §2.1.
func isHostname(_ text: String) -> Bool {
    guard text.utf8.count <= 253 else { return false }
    return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
        (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
            && label.allSatisfy { isAlphanumeric($0) || $0 == hyphen }
    }
}

/// Source: RFC 2673 §3.2, four decimal numbers without leading zeros.
private func isIPv4(_ text: Substring) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 4
        && parts.allSatisfy { part in
            guard (1...3).contains(part.count), part.allSatisfy(isDigit) else { return false }
            guard part.count == 1 || part.first != UInt8(ascii: "0") else { return false }
            return part.reduce(0) { $0 * 10 + Int($1 - 0x30) } <= 255
        }
}

/// Source: RFC 4291 §2.2.
private func isIPv6(_ text: Substring) -> Bool {
    let halves = text.split(separator: "::", omittingEmptySubsequences: false)
    guard halves.count <= 2 else { return false }
    var count = 0
    for (number, half) in halves.enumerated() where !half.isEmpty {
        let groups = half.split(separator: ":", omittingEmptySubsequences: false)
        for (position, group) in groups.enumerated() {
            if (1...4).contains(group.utf8.count), group.utf8.allSatisfy(isHexadecimal) {
                count += 1
            } else if number == halves.count - 1, position == groups.count - 1, isIPv4(group) {
                count += 2
            } else {
                return false
            }
        }
    }
    return halves.count == 2 ? count <= 7 : count == 8
}

// MARK: - Dates

/// Source: RFC 3339 §5.6, with its leap seconds: the last second of a UTC day.
private func isDateTime(_ text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    func isTaken(_ byte: UInt8) -> Bool {
        guard rest.first.map({ $0 | 0x20 }) == byte | 0x20 else { return false }
        rest.removeFirst()
        return true
    }
    func number(_ digits: Int, _ range: ClosedRange<Int>) -> Int? {
        let field = rest.prefix(digits)
        guard field.count == digits, field.allSatisfy(isDigit) else { return nil }
        rest.removeFirst(digits)
        let value = field.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return range.contains(value) ? value : nil
    }
    guard let year = number(4, 0...9999), isTaken(hyphen), let month = number(2, 1...12), isTaken(hyphen),
        number(2, 1...days(in: month, of: year)) != nil, isTaken(UInt8(ascii: "T")),
        let hour = number(2, 0...23), isTaken(UInt8(ascii: ":")),
        let minute = number(2, 0...59), isTaken(UInt8(ascii: ":")),
        let second = number(2, 0...60)
    else { return false }
    if isTaken(UInt8(ascii: ".")) {
        let fraction = rest.prefix(while: isDigit)
        guard !fraction.isEmpty else { return false }
        rest.removeFirst(fraction.count)
    }
    var offset = 0
    if !isTaken(UInt8(ascii: "Z")) {
        let isWest = rest.first == hyphen
        guard isWest || rest.first == UInt8(ascii: "+") else { return false }
        rest.removeFirst()
        guard let hours = number(2, 0...23), isTaken(UInt8(ascii: ":")), let minutes = number(2, 0...59) else {
            return false
        }
        offset = (isWest ? -1 : 1) * (hours * 60 + minutes)
    }
    let minuteOfDay = (hour * 60 + minute - offset + 2 * 1440) % 1440
    return rest.isEmpty && (second < 60 || minuteOfDay == 1439)
}

private func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
}

// MARK: - URIs

/// Source: RFC 3986 appendix A: a URI with its scheme.
private func isURI(_ text: String) -> Bool {
    guard let colon = text.firstIndex(of: ":") else { return false }
    let scheme = text[..<colon].utf8
    guard let first = scheme.first, isLetter(first),
        scheme.allSatisfy({ isAlphanumeric($0) || "+-.".utf8.contains($0) })
    else { return false }
    var rest = text[text.index(after: colon)...]
    if let hash = rest.firstIndex(of: "#") {
        guard consists(rest[rest.index(after: hash)...], of: "/?:@") else { return false }
        rest = rest[..<hash]
    }
    if let mark = rest.firstIndex(of: "?") {
        guard consists(rest[rest.index(after: mark)...], of: "/?:@") else { return false }
        rest = rest[..<mark]
    }
    if rest.hasPrefix("//") {
        rest = rest.dropFirst(2)
        let end = rest.firstIndex(of: "/") ?? rest.endIndex
        guard isAuthority(rest[..<end]) else { return false }
        rest = rest[end...]
    }
    return consists(rest, of: "/:@")
}

/// Source: RFC 3986 §3.2.
private func isAuthority(_ text: Substring) -> Bool {
    var host = text
    if let at = text.firstIndex(of: "@") {
        guard consists(text[..<at], of: ":") else { return false }
        host = text[text.index(after: at)...]
    }
    var port: Substring = ""
    if host.hasPrefix("[") {
        guard let end = host.firstIndex(of: "]") else { return false }
        let address = host[host.index(after: host.startIndex)..<end]
        guard isIPv6(address) || isFutureAddress(address) else { return false }
        host = host[host.index(after: end)...]
        guard host.isEmpty || host.hasPrefix(":") else { return false }
        port = host.dropFirst()
    } else {
        let colon = host.firstIndex(of: ":") ?? host.endIndex
        guard consists(host[..<colon], of: "") else { return false }
        port = host[colon...].dropFirst()
    }
    return port.utf8.allSatisfy(isDigit)
}

/// Source: RFC 3986 §3.2.2, `IPvFuture`.
private func isFutureAddress(_ text: Substring) -> Bool {
    guard text.first == "v" || text.first == "V", let dot = text.firstIndex(of: ".") else { return false }
    let version = text[..<dot].dropFirst()
    let address = text[text.index(after: dot)...]
    return !version.isEmpty && version.utf8.allSatisfy(isHexadecimal) && !address.isEmpty && !address.contains("%")
        && consists(address, of: ":")
}

/// Tells whether a text has only unreserved characters, sub-delimiters, percent-encoded bytes and some more.
private func consists(_ text: Substring, of more: String) -> Bool {
    let allowed = Set(("-._~!$&'()*+,;=" + more).utf8)
    var bytes = text.utf8[...]
    while let byte = bytes.popFirst() {
        if byte == UInt8(ascii: "%") {
            guard let high = bytes.popFirst(), let low = bytes.popFirst(), isHexadecimal(high), isHexadecimal(low)
            else {
                return false
            }
        } else if !isAlphanumeric(byte), !allowed.contains(byte) {
            return false
        }
    }
    return true
}

// MARK: - Characters

private let hyphen = UInt8(ascii: "-")

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

private func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

private func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }

private func isHexadecimal(_ byte: UInt8) -> Bool { isDigit(byte) || (0x61...0x66).contains(byte | 0x20) }
