//  An envelope that came as a form. Source: WHATWG HTML, "Form submission".

import JSON

/// An envelope sent as a form: `data.name=Ada&data.hotdesk.enabled=true&verb=put`.
enum FormEnvelope {
    /// Builds the envelope; `data.…` names become nested objects of text, which the schema then types.
    ///
    /// - Throws: `.badRequest` if a name is both a value and a group.
    static func value(of form: QueryParameters) throws(APIError) -> JSON {
        var data = JSONObject()
        var envelope = JSONObject()
        for (name, value) in form.pairs {
            let path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            if path.count > 1, path[0] == "data" {
                try set(value ?? "true", at: path.dropFirst(), in: &data, name)
            } else {
                // As in a query, the first of two words with one name counts.
                if envelope[name] == nil { envelope[name] = .string(value ?? "true") }
            }
        }
        // A field named `data` is no group; it stays, to be refused as one of the wrong type.
        if envelope["data"] == nil || !data.isEmpty { envelope["data"] = .object(data) }
        return .object(envelope)
    }

    private static func set(
        _ text: String,
        at path: ArraySlice<String>,
        in object: inout JSONObject,
        _ name: String
    ) throws(APIError) {
        guard let key = path.first, path.count <= 32 else { throw .badRequest("The field \(name) is nested too deep.") }
        guard path.count > 1 else {
            guard object[key] == nil else { throw .badRequest("The field \(name) came twice.") }
            object[key] = .string(text)
            return
        }
        var nested = JSONObject()
        switch object[key] {
        case nil: break
        case .object(let existing): nested = existing
        case .some: throw .badRequest("The field \(name) is both a value and a group.")
        }
        try set(text, at: path.dropFirst(), in: &nested, name)
        object[key] = .object(nested)
    }
}
