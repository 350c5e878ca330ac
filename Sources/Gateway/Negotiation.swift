//  Which representation to answer with. Source: RFC 9110 §12.5.1.

/// A form in which a reply can be rendered.
package enum Representation: String, CaseIterable, Sendable {
    case json, csv, html

    /// The `Content-Type` of the answer. JSON carries no charset: clients compare the field for equality.
    package var contentType: String {
        switch self {
        case .json: "application/json"
        case .csv: "text/csv; charset=utf-8"
        case .html: "text/html; charset=utf-8"
        }
    }

    /// The media types that ask for it; the first is its own, the others are former names, which no wildcard means.
    package var mediaTypes: [String] {
        switch self {
        case .json: ["application/json", "application/x-json"]
        case .csv: ["text/csv", "text/comma-separated-values", "application/octet-stream"]
        case .html: ["text/html", "application/xhtml+xml"]
        }
    }

    fileprivate static let all = allCases.flatMap { form in
        form.mediaTypes.map { (type: $0, form: form, isFormerName: $0 != form.mediaTypes.first) }
    }
}

/// Returns the representation to answer with.
///
/// - Parameters:
///   - tunnelled: the `accept` of the query or the envelope, or nil: a media type, or `csv`, `json`, `html` in short.
///   - field: the `Accept` field, or nil. It does not count if `accept` was tunnelled.
/// - Throws: `.notAcceptable` if nothing that is accepted is offered.
package func negotiate(tunnelled: String?, field: String?) throws(APIError) -> Representation {
    let notAcceptable = APIError.notAcceptable(offered: Representation.all.map(\.type))
    if let tunnelled {
        if let short = Representation(rawValue: tunnelled.lowercased()) { return short }
        guard let match = bestMatch(ranges(tunnelled)) else { throw notAcceptable }
        return match.form
    }
    guard let field, !field.isEmpty, field != "*/*" else { return .json }
    guard let match = bestMatch(ranges(field)) else { throw notAcceptable }
    return match.form
}

/// Whether a client wants a file rather than a document: it names the file's type, and no representation of a document
/// with a higher quality; of equals, the one that it names first is meant.
///
/// - Parameters:
///   - mediaTypes: that the file may have.
///   - accept: an `Accept` field, or a tunnelled one; nil if the client said nothing.
func prefersFile(of mediaTypes: [String], accept: String?) -> Bool {
    guard !mediaTypes.isEmpty, let accept else { return false }
    let ranges = ranges(accept)
    let named = ranges.enumerated().filter { _, range in
        range.specificity > 0 && range.quality > 0 && mediaTypes.contains(where: range.matches)
    }
    guard let file = named.max(by: { ($0.element.quality, -$0.offset) < ($1.element.quality, -$1.offset) }) else {
        return false
    }
    guard let form = bestMatch(ranges) else { return true }
    return (file.element.quality, -file.offset) > (form.quality, -form.position)
}

/// Whether a client takes an answer that has one form only. Who accepts `application/octet-stream` takes any bytes.
///
/// - Parameter accept: an `Accept` field, or a tunnelled one; nil if the client said nothing.
func accepts(_ mediaType: String, by accept: String?) -> Bool {
    guard let accept, !accept.isEmpty else { return true }
    return ranges(accept).contains { range in
        range.quality > 0
            && (range.matches(mediaType) || range.matches("application/octet-stream")
                || FileKind.areSame(mediaType, "\(range.type)/\(range.subtype)"))
    }
}

/// The offered type with the highest quality; the more specific range sets a type's quality, ours is the order of ties.
private func bestMatch(_ ranges: [MediaRange]) -> (form: Representation, quality: Double, position: Int)? {
    var best: (form: Representation, quality: Double, position: Int)?
    for offer in Representation.all {
        guard
            let (position, range) = ranges.enumerated()
                .filter({ $0.element.matches(offer.type) && !(offer.isFormerName && $0.element.specificity < 2) })
                .max(by: { $0.element.specificity < $1.element.specificity }),
            range.quality > 0
        else { continue }
        if let best, (best.quality, -best.position) >= (range.quality, -position) { continue }
        best = (offer.form, range.quality, position)
    }
    return best
}

private func ranges(_ accept: String) -> [MediaRange] {
    accept.split(separator: ",").compactMap { MediaRange($0) }
}

/// One element of an `Accept` field: `text/*;q=0.5`.
private struct MediaRange {
    var type: Substring
    var subtype: Substring
    var quality = 1.0

    init?(_ element: Substring) {
        let parts = element.split(separator: ";").map { $0.trimmingSpaces() }
        guard let range = parts.first?.split(separator: "/", maxSplits: 1), range.count == 2 else { return nil }
        type = Substring(range[0].lowercased())
        subtype = Substring(range[1].lowercased())
        if type == "*", subtype != "*" { return nil }
        for parameter in parts.dropFirst() {
            let pair = parameter.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].lowercased() == "q" else { continue }
            quality = Double(pair[1]).map { min(max($0, 0), 1) } ?? 0
        }
    }

    var specificity: Int { type == "*" ? 0 : subtype == "*" ? 1 : 2 }

    func matches(_ mediaType: String) -> Bool {
        let offered = mediaType.split(separator: "/", maxSplits: 1)
        return (type == "*" || type == offered[0]) && (subtype == "*" || subtype == offered[1])
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> Substring {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
