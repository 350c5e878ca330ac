//  Names and values in words: what a person reads of fields, kinds of documents and their contents.

import Gateway
import JSON
import JSONSchema
import PluginKit

enum Wording {
    /// A name of the wire as words: `caller_id` is "Caller ID".
    static func title(ofName name: String) -> String {
        if let known = titles[name] { return known }
        let words = name.split { $0 == "_" || $0 == "." || $0 == "-" }.map { word in
            if word.lowercased() == "cdrs" { return "CDRs" }
            return acronyms.contains(word.lowercased()) ? word.uppercased() : String(word)
        }
        let text = words.joined(separator: " ")
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    /// Names of the wire that say little to a person.
    private static let titles = ["multi_factor": "Second factor", "raw": "Sound", "vcard": "Business card (vCard)"]

    private static let acronyms: Set<String> = [
        "id", "ip", "sip", "mac", "url", "pin", "cdr", "api", "csv", "json",
    ]

    /// What one document of a resource is called: "Voicemail box".
    static func one(_ resource: ResourceDefinition) -> String {
        resource.schema.source["title"]?.string ?? title(ofName: resource.documentType)
    }

    /// What several are called: "Voicemail boxes".
    static func many(_ resource: ResourceDefinition) -> String {
        let one = one(resource)
        return plurals.value(one) { plural(one) }
    }

    /// The plurals of the titles of schemas, which every page has many of.
    private static let plurals = Kept<String, String>()

    static func plural(_ word: String) -> String {
        if let head = word.firstRange(of: " of ") {
            return plural(String(word[..<head.lowerBound])) + word[head.lowerBound...]
        }
        if word.hasSuffix("s"), !word.hasSuffix("ss") { return word }
        for ending in ["s", "x", "ch", "sh"] where word.hasSuffix(ending) {
            return word.hasSuffix("media") ? word : word + "es"
        }
        if word.hasSuffix("y"), let before = word.dropLast().last, !"aeiou".contains(before) {
            return word.dropLast() + "ies"
        }
        return word.lowercased().hasSuffix("media") ? word : word + "s"
    }

    /// A word inside of a sentence: "voicemail box", but "SIP account".
    static func inside(_ text: String) -> String {
        guard let first = text.first, text.dropFirst().first?.isUppercase != true else { return text }
        return first.lowercased() + text.dropFirst()
    }

    static func aOrAn(_ text: String) -> String {
        let word = inside(text)
        return ("aeio".contains(word.first ?? "x") ? "an " : "a ") + word
    }

    /// A number of things: "1 user", "12 users".
    static func count(_ count: Int, of resource: ResourceDefinition) -> String {
        "\(count) \(inside(count == 1 ? one(resource) : many(resource)))"
    }

    /// A value of a field as a line of text: what says when something was is a time.
    static func text(of value: JSON, in field: String) -> String {
        guard timeFields.contains(field), let seconds = value.int, gregorianSeconds.contains(seconds) else {
            return text(of: value)
        }
        return time(Int64(seconds) - gregorianOffset)
    }

    /// The value at a path as a line of text; none where there is none.
    static func text(of value: JSON?, at path: JSONPath) -> String {
        value.map { text(of: $0, in: path.elements.last ?? "") } ?? ""
    }

    /// The fields of Crossbar's that hold seconds of the Gregorian calendar.
    private static let timeFields: Set<String> = ["timestamp", "created", "updated", "expiration_date"]

    /// From 1970 on, for a thousand years.
    private static let gregorianSeconds = Int(gregorianOffset)..<(Int(gregorianOffset) + 31_556_952_000)

    /// A value as a line of text.
    static func text(of value: JSON) -> String {
        switch value {
        case .bool(let flag): flag ? "Yes" : "No"
        case .null: ""
        case .number(let number): number.text
        case .string(let text): text
        case .array(let elements):
            elements.contains { $0.object != nil || $0.array != nil }
                ? value.text() : elements.map { text(of: $0) }.joined(separator: ", ")
        case .object: value.text()
        }
    }

    /// A date and a time of the day in UTC, from Unix seconds.
    ///
    /// - Parameter isExact: whether the seconds count.
    static func time(_ seconds: Int64, isExact: Bool = false) -> String {
        let time = timestamp(seconds)
        return "\(time.prefix(10)) \(time.dropFirst(11).prefix(isExact ? 8 : 5)) UTC"
    }

    /// What a person calls a document, or nil if nothing in it names it.
    static func name(of fields: JSON) -> String? {
        func text(_ name: String) -> String? {
            guard let text = fields[name]?.controlText, !text.isEmpty else { return nil }
            return text
        }
        if let name = text("name") { return name }
        let person = nameParts.compactMap(text)
        if !person.isEmpty { return person.joined(separator: " ") }
        return ["label", "display_name", "title", "username", "number", "exten", "extension"].lazy.compactMap(text)
            .first
    }

    /// The same with the last name first, as a list by last names has it: "Lovelace, Ada".
    static func sortingName(of fields: JSON) -> String? {
        let parts = nameParts.reversed().compactMap { fields[$0]?.string }.filter { !$0.isEmpty }
        return parts.isEmpty || fields["name"] != nil ? name(of: fields) : parts.joined(separator: ", ")
    }

    /// The fields that make the name of a person.
    static let nameParts = ["first_name", "last_name"]
}
