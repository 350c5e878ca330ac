//  The documentation for people: what each resource is for, its fields, and lines that work when they are pasted.

import DocumentStore
import Gateway
import HTTPTypes
import JSON
import JSONSchema
import PluginKit

struct DocsPage {
    let visit: Visit

    private var origin: String { visit.request.origin ?? "http://127.0.0.1:8000" }

    func overview() -> Page {
        let resources = visit.kit.catalogue.all.map { resource -> Model in
            [
                "name": visit.title(resource),
                "href": visit.link("/docs/\(percentEncoded(resource.name))"),
                "text": resource.schema.source["description"]?.string ?? "",
            ]
        }
        let routes = visit.registry.all.filter { route in
            !visit.kit.catalogue.all.contains { belongs(route, to: $0) }
        }
        let login = """
            api=\(origin)/v2
            login=$(curl -s -X PUT $api/user_auth -H 'Content-Type: application/json' \\
                -d '{"data":{"account_name":"ACCOUNT","username":"USER","password":"PASSWORD"}}')
            TOKEN=$(printf %s "$login" | grep -o '"auth_token":"[^"]*"' | cut -d'"' -f4)
            ACCOUNT=$(printf %s "$login" | grep -o '"account_id":"[^"]*"' | cut -d'"' -f4)
            """
        return visit.page(
            "docs",
            title: "Documentation",
            [
                "overview": ["resources": resources, "routes": routes.map(row), "login": login] as Model
            ]
        )
    }

    /// - Throws: `.notFound` if there is no such resource.
    func page(of name: String) throws(APIError) -> Page {
        guard let resource = visit.kit.catalogue.all.first(where: { $0.name == name }),
            let shape = SchemaShape(resource.schema.name, in: visit.kit.schemas)
        else { throw .notFound }
        let routes = visit.registry.all.filter { belongs($0, to: resource) }
        return visit.page(
            "docs",
            title: Wording.many(resource),
            [
                "resource": [
                    "text": shape.text ?? "",
                    "routes": routes.map(row),
                    "fields": fields(shape, prefix: "", required: Set(shape.required), depth: 0),
                    "examples": examples(resource),
                    "schema": visit.link(
                        "/v2/schemas/\(percentEncoded(resource.schema.name))",
                        ["accept": "application/json", "pretty_print": "true"]
                    ),
                    "overview": visit.link("/docs"),
                ] as Model
            ]
        )
    }

    /// Whether a route is one of a resource's, or begins at one of its documents.
    private func belongs(_ route: PluginRoute, to resource: ResourceDefinition) -> Bool {
        let path = route.template.description
        if resource.documentType == "account" {
            return path == "/accounts"
                || path.hasPrefix("/accounts/{account}") && path.split(separator: "/").count <= 3
                    && !visit.kit.catalogue.all.contains { $0.collectionPath == path }
        }
        if path == resource.collectionPath || path == resource.itemPath { return true }
        guard path.hasPrefix(resource.itemPath + "/") else { return false }
        return !visit.kit.catalogue.all.contains { $0.collectionPath == path || $0.itemPath == path }
    }

    private func row(_ route: PluginRoute) -> Model {
        ["path": "/v2\(route.template)", "methods": route.route.methods.map(\.method.rawValue).joined(separator: ", ")]
    }

    private func fields(_ shape: SchemaShape, prefix: String, required: Set<String>, depth: Int) -> [Model] {
        shape.properties.flatMap { name, field -> [Model] in
            let path = prefix.isEmpty ? name : "\(prefix).\(name)"
            let inner = depth < 2 ? fields(field, prefix: path, required: Set(field.required), depth: depth + 1) : []
            return [
                [
                    "name": path,
                    "text": field.text ?? field.title ?? "",
                    "type": type(field),
                    "isRequired": required.contains(name),
                    "standard": field.keywords["default"]?.controlText ?? "",
                    "hasStandard": field.keywords["default"]?.controlText?.isEmpty == false,
                ] as Model
            ] + inner
        }
    }

    /// The type and the limits of a field, in words.
    private func type(_ field: SchemaShape) -> String {
        var words = [field.types.sorted().joined(separator: " or ")]
        if let values = field.keywords["enum"]?.array {
            words.append(values.map { Wording.text(of: $0) }.joined(separator: ", "))
        }
        if let format = field.keywords["format"]?.string { words.append(format) }
        for (keyword, word) in [
            ("minimum", "from"), ("maximum", "to"), ("minLength", "at least"), ("maxLength", "at most"),
        ] {
            guard let limit = field.keywords[keyword]?.controlText else { continue }
            words.append("\(word) \(limit)\(keyword.hasSuffix("Length") ? " characters" : "")")
        }
        return words.filter { !$0.isEmpty }.joined(separator: "; ")
    }

    /// Creating, listing, changing and deleting, as lines for a shell in which somebody has logged in.
    private func examples(_ resource: ResourceDefinition) -> [Model] {
        var path = resource.collectionPath.replacing("{account}", with: "$ACCOUNT")
        for parent in resource.parents {
            path = path.replacing("{\(parent.type)}", with: "$\(parent.type.uppercased())")
        }
        if resource.documentType == "account" { path = "/accounts/$ACCOUNT" }
        let item = resource.documentType == "account" ? "/accounts/$ID" : path + "/$ID"
        let list = resource.documentType == "account" ? path + "/children" : path
        let token = "-H \"X-Auth-Token: $TOKEN\""
        let json = "-H 'Content-Type: application/json'"
        let example = resource.example.quoted
        return [
            (
                "Make one, and keep its ID",
                "ID=$(curl -s -o /dev/null -w '%header{location}' -X PUT \(token) \(json) \\\n"
                    + "    \"\(origin)/v2\(path)\" \\\n    -d '{\"data\":\(example)}')\nID=${ID##*/}"
            ),
            ("Look at it", "curl \(token) \"\(origin)/v2\(item)?pretty_print=true\""),
            (
                "Change a field of it",
                "curl -X PATCH \(token) \(json) \\\n    \"\(origin)/v2\(item)\" -d '{\"data\":\(resource.change.quoted)}'"
            ),
            ("List them", "curl \(token) \"\(origin)/v2\(list)?pretty_print=true\""),
            ("A table for a spreadsheet", "curl \(token) \"\(origin)/v2\(list)?accept=csv\""),
            ("Delete it", "curl -X DELETE \(token) \"\(origin)/v2\(item)\""),
        ].map { ["title": $0.0, "command": $0.1] }
    }
}

extension ResourceDefinition {
    /// The first example of the declaration, as JSON.
    fileprivate var example: String { examples.first?.text() ?? "{}" }

    /// A field of the example, as a change.
    fileprivate var change: String {
        let field = examples.first?.object?.first { $0.value.string != nil && reference(at: JSONPath($0.key)) == nil }
        return field.map { JSON.object([$0.key: $0.value]).text() } ?? "{}"
    }
}

extension String {
    /// The text inside of a shell's single quotes.
    fileprivate var quoted: String { replacing("'", with: "'\\''") }
}
