//  URI references, as far as schemas use them to name each other.

/// A URI reference taken apart.
///
/// Source: RFC 3986.
struct URIReference: Hashable, Sendable {
    private var scheme: String?
    private var authority: String?
    private var path: String
    private var query: String?
    /// What follows the first `#`, still percent-encoded.
    var fragment: String?

    /// Source: RFC 3986 appendix B.
    init(_ text: String) {
        var rest = Substring(text)
        if let hash = rest.firstIndex(of: "#") {
            fragment = String(rest[rest.index(after: hash)...])
            rest = rest[..<hash]
        }
        if let mark = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        if let colon = rest.firstIndex(where: { $0 == ":" || $0 == "/" }), rest[colon] == ":", colon > rest.startIndex {
            scheme = rest[..<colon].lowercased()
            rest = rest[rest.index(after: colon)...]
        }
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            authority = String(rest[..<end])
            rest = rest[end...]
        }
        path = String(rest)
    }

    /// The reference as it is meant at a place with the given base.
    ///
    /// Source: RFC 3986 §5.2.2; a base without a scheme, such as the bare name of a schema, works the same way.
    func resolved(against base: URIReference) -> URIReference {
        var target = self
        guard scheme == nil else {
            target.path = URIReference.removingDots(path)
            return target
        }
        target.scheme = base.scheme
        guard authority == nil else {
            target.path = URIReference.removingDots(path)
            return target
        }
        target.authority = base.authority
        if path.isEmpty {
            target.path = base.path
            target.query = query ?? base.query
        } else if path.hasPrefix("/") {
            target.path = URIReference.removingDots(path)
        } else {
            target.path = URIReference.removingDots(base.folder + path)
        }
        return target
    }

    /// The reference without its fragment.
    var resource: URIReference {
        var resource = self
        resource.fragment = nil
        return resource
    }

    /// The path up to its last slash.
    private var folder: String {
        if authority != nil, path.isEmpty { return "/" }
        return path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    /// Source: RFC 3986 §5.2.4.
    private static func removingDots(_ path: String) -> String {
        guard path.contains(".") else { return path }
        var kept: [Substring] = []
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        for (position, segment) in segments.enumerated() {
            let isLast = position == segments.count - 1
            switch segment {
            case ".":
                if isLast { kept.append("") }
            case "..":
                // The first segment of an absolute path is empty and stays.
                if let last = kept.last, !(kept.count == 1 && last.isEmpty) { kept.removeLast() }
                if isLast { kept.append("") }
            default:
                kept.append(segment)
            }
        }
        return kept.joined(separator: "/")
    }
}

/// Returns a text with its percent-encoded bytes decoded, or nil when they are not UTF-8.
func percentDecoded(_ text: String) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%"), rest.count >= 2,
            let high = Character(Unicode.Scalar(rest[rest.startIndex])).hexDigitValue,
            let low = Character(Unicode.Scalar(rest[rest.startIndex + 1])).hexDigitValue
        {
            bytes.append(UInt8(high << 4 | low))
            rest = rest.dropFirst(2)
        } else {
            bytes.append(byte)
        }
    }
    return String(validating: bytes, as: UTF8.self)
}
