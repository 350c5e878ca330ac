//  An envelope that came as a form. Source: WHATWG HTML, "Form submission".

import JSON

/// An envelope sent as a form: `data.name=Ada&data.hotdesk.enabled=true&verb=put`.
///
/// Two kinds of name say what a browser cannot: `otherwise.enabled=false` is the value of a field that the form leaves
/// out, as it does with a box that is not ticked; `json.media=[1,2]` is a field that only JSON can write.
enum FormEnvelope {
    /// How many fields a form has at most: each costs a look at the group that it goes into.
    private static let limit = 4_000

    /// Builds the envelope; `data.…` names become nested objects of text, which the schema then types.
    ///
    /// - Throws: `.badRequest` if a name is both a value and a group, or there are too many.
    static func value(of form: QueryParameters) throws(APIError) -> JSON {
        guard form.pairs.count <= limit else {
            throw .badRequest("The form has more than \(limit) fields; send the data as JSON.")
        }
        var data = JSONObject()
        var envelope = JSONObject()
        var otherwise: [(path: ArraySlice<String>, text: String)] = []
        for (name, value) in form.pairs {
            let path = JSONPath(name).elements
            switch path.count > 1 ? path[0] : "" {
            case "data": try set(.string(value ?? "true"), at: path.dropFirst(), in: &data, name)
            case "json":
                // Text that is no JSON stays, to be refused by the schema.
                let json = value.flatMap(parsed) ?? .string(value ?? "true")
                guard path.count + depth(of: json) < JSON.maximumDepth else {
                    throw .badRequest("The field \(name) is nested too deep.")
                }
                try set(json, at: path.dropFirst(), in: &data, name)
            case "otherwise": otherwise.append((path.dropFirst(), value ?? "true"))
            default:
                // As in a query, the first of two words with one name counts.
                if envelope[name] == nil { envelope[name] = .string(value ?? "true") }
            }
        }
        for (path, text) in otherwise where JSON.object(data).value(at: JSONPath(elements: Array(path))) == nil {
            try set(.string(text), at: path, in: &data, path.joined(separator: "."))
        }
        // A field named `data` is no group; it stays, to be refused as one of the wrong type.
        if envelope["data"] == nil || !data.isEmpty { envelope["data"] = .object(data) }
        return .object(envelope)
    }

    private static func parsed(_ text: String) -> JSON? { try? JSON(parsing: Array(text.utf8)) }

    /// How many arrays and objects are in one another.
    private static func depth(of value: JSON) -> Int {
        switch value {
        case .array(let elements): 1 + (elements.map(depth).max() ?? 0)
        case .object(let members): 1 + (members.map { depth(of: $0.value) }.max() ?? 0)
        case .null, .bool, .number, .string: 0
        }
    }

    private static func set(
        _ value: JSON,
        at path: ArraySlice<String>,
        in object: inout JSONObject,
        _ name: String
    ) throws(APIError) {
        guard let key = path.first, path.count <= 32 else { throw .badRequest("The field \(name) is nested too deep.") }
        guard path.count > 1 else {
            guard object[key] == nil else { throw .badRequest("The field \(name) came twice.") }
            object[key] = value
            return
        }
        var nested = JSONObject()
        switch object[key] {
        case nil: break
        case .object(let existing): nested = existing
        case .some: throw .badRequest("The field \(name) is both a value and a group.")
        }
        try set(value, at: path.dropFirst(), in: &nested, name)
        object[key] = .object(nested)
    }
}
