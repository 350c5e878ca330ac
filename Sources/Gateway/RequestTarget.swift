//  A request target as path segments and query parameters. Source: RFC 3986 §2.1, §3.3 and §3.4.

/// Where a request goes: the segments of its path, each decoded on its own, and its query.
package struct RequestTarget: Equatable, Sendable {
    /// `/v2/accounts/a%2Fb/` is `["v2", "accounts", "a/b"]`: split first, decoded after, trailing slashes ignored.
    package var segments: [String]
    package var query: QueryParameters
    /// Whether slashes came after the last segment.
    private(set) var endsWithSlash = false

    /// - Throws: `.malformedTarget` for a bad percent escape, a NUL, or bytes that are not UTF-8 once decoded.
    package init(_ raw: [UInt8]) throws(APIError) {
        guard raw.first == UInt8(ascii: "/") else { throw .malformedTarget("it must begin with a slash") }
        let end = raw.firstIndex(of: UInt8(ascii: "?")) ?? raw.endIndex
        segments = []
        var start = 1
        while start <= end {
            let slash = raw[start..<end].firstIndex(of: UInt8(ascii: "/")) ?? end
            segments.append(try percentDecoded(raw[start..<slash]))
            start = slash + 1
        }
        while let last = segments.last, last.isEmpty {
            segments.removeLast()
            endsWithSlash = true
        }
        query = try QueryParameters(raw[min(end + 1, raw.endIndex)...])
    }

    /// The path with its segments encoded in our way, to be repeated in answers.
    var path: String {
        var path = segments.isEmpty ? "/" : ""
        for segment in segments {
            path += "/"
            path += percentEncoded(segment)
        }
        return path
    }
}

/// The parameters of a query or of a form, in order.
package struct QueryParameters: Equatable, Sendable {
    /// A name with its value; a name without `=` has none and counts as true.
    package private(set) var pairs: [(name: String, value: String?)] = []

    package init() {}

    init(pairs: [(name: String, value: String?)]) { self.pairs = pairs }

    /// Reads `application/x-www-form-urlencoded` bytes: `&` between pairs, `+` for a space.
    package init(_ raw: ArraySlice<UInt8>) throws(APIError) {
        for piece in raw.split(separator: UInt8(ascii: "&")) {
            let parts = piece.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = try percentDecoded(parts[0], plusIsSpace: true)
            pairs.append((name, parts.count == 2 ? try percentDecoded(parts[1], plusIsSpace: true) : nil))
        }
    }

    /// Returns the same names with other values.
    package func mapped(_ value: (_ name: String, _ value: String?) -> String?) -> QueryParameters {
        QueryParameters(pairs: pairs.map { ($0.name, value($0.name, $0.value)) })
    }

    /// The first value of a name: its text, `true` if it came without one, nil if it did not come.
    package subscript(name: String) -> String? {
        guard let pair = pairs.first(where: { $0.name == name }) else { return nil }
        return pair.value ?? "true"
    }

    package static func == (left: QueryParameters, right: QueryParameters) -> Bool {
        left.pairs.elementsEqual(right.pairs) { $0 == $1 }
    }
}
