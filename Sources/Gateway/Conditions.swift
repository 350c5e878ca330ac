//  What a client demands of the state of a document before anything happens. Source: RFC 9110 §13.1.

/// The preconditions of a request.
package struct Conditions: Equatable, Sendable {
    /// The revisions of `If-Match`, or nil if it did not come; `*` stands for any.
    package var ifMatch: [String]?
    /// The revisions of `If-None-Match`.
    package var ifNoneMatch: [String]?

    package init(ifMatch: String? = nil, ifNoneMatch: String? = nil) {
        self.ifMatch = ifMatch.map(Self.entityTags)
        self.ifNoneMatch = ifNoneMatch.map(Self.entityTags)
    }

    /// Whether a reply with this revision is what the client has already.
    package func isNotModified(_ revision: String?) -> Bool {
        guard let revision, let ifNoneMatch else { return false }
        return ifNoneMatch.contains(revision) || ifNoneMatch.contains("*")
    }

    /// Checks the conditions of a change against the document as it is stored; nil if there is none.
    ///
    /// - Throws: `.preconditionFailed` if `If-Match` came and does not name its revision, or `If-None-Match` does.
    package func check(current: String?) throws(APIError) {
        if let ifMatch {
            guard let current, ifMatch.contains("*") || Self.names(current, ifMatch) else {
                throw .preconditionFailed(current: current)
            }
        }
        if isNotModified(current) { throw .preconditionFailed(current: current) }
    }

    /// Checks `If-Match` of a call that reads.
    ///
    /// - Throws: `.preconditionFailed` if it names other revisions than that of the reply.
    func check(reading revision: String?) throws(APIError) {
        guard let ifMatch, !ifMatch.contains("*") else { return }
        guard let revision, Self.names(revision, ifMatch) else { throw .preconditionFailed(current: revision) }
    }

    /// Whether one of the tags is the revision, or begins with it: a tag may tell more than the document's own state.
    private static func names(_ revision: String, _ tags: [String]) -> Bool {
        tags.contains { $0 == revision || $0.hasPrefix(revision + "-") }
    }

    /// Reads `"1-ab", W/"2-cd"`; weakness is ignored, because a compressing front end weakens what we sent. A bare tag is
    /// read like a quoted one, for clients that send the revision as they found it in `metadata`; a quoted star is a tag
    /// that no revision equals.
    private static func entityTags(_ field: String) -> [String] {
        field.utf8.split(separator: UInt8(ascii: ",")).map { element in
            let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
            var tag = element.drop(while: isBlank)
            while let last = tag.last, isBlank(last) { tag.removeLast() }
            if tag.starts(with: "W/".utf8) { tag = tag.dropFirst(2) }
            let quote = UInt8(ascii: "\"")
            if tag.count > 2, tag.first == quote, tag.last == quote, !tag.elementsEqual("\"*\"".utf8) {
                tag = tag.dropFirst().dropLast()
            }
            return String(Substring(tag))
        }
    }
}
