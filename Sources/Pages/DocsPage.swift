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
                "name": visit.site.title(resource),
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
        func limit(_ keyword: String) -> String? { field.keywords[keyword]?.controlText }
        if let least = limit("minimum") { words.append("from \(least)") }
        if let most = limit("maximum") { words.append("to \(most)") }
        if let length = Self.length(least: limit("minLength"), most: limit("maxLength")) { words.append(length) }
        return words.filter { !$0.isEmpty }.joined(separator: "; ")
    }

    /// How long a text may be, in words.
    static func length(least: String?, most: String?) -> String? {
        func characters(_ count: String) -> String { count == "1" ? "1 character" : "\(count) characters" }
        switch (least, most) {
        case (nil, nil): return nil
        case (let least?, let most?) where least == most: return "exactly \(characters(least))"
        case (let least?, nil): return "at least \(characters(least))"
        case (nil, let most?): return "at most \(characters(most))"
        case (let least?, let most?): return "\(least) to \(characters(most))"
        }
    }

    // MARK: Examples

    private static let token = "-H \"X-Auth-Token: $TOKEN\""
    private static let json = "-H 'Content-Type: application/json'"
    /// What documents are called whose addresses are their names; any other name does as well.
    private static let names = ["number": "+14155550100"]

    /// Making, looking at, changing, listing and deleting, as lines for a shell in which somebody has logged in.
    private func examples(_ resource: ResourceDefinition) -> [Model] {
        let token = Self.token
        let path = path(of: resource)
        let item = item(of: resource, "ID")
        let needed = needed(by: resource)
        var examples = needed.map { other in
            ("Make \(Wording.aOrAn(Wording.one(other))) for it", making(other, keptAs: variable(other)))
        }
        examples.append(("Make one", making(resource, keptAs: "ID")))
        examples.append(("Look at it", "curl \(token) \"\(item)?pretty_print=true\""))
        if answers(.patch, at: resource.singleton == nil ? resource.itemPath : resource.collectionPath) {
            let data = "-d '{\"data\":\(resource.change.quoted)}'"
            let lines = "curl -X PATCH \(token) \(Self.json) \\\n    \"\(item)\" \(data)"
            examples.append(("Change a field of it", lines))
        }
        // What is made for all accounts is taken by each.
        if access(.put, at: resource.collectionPath) == .superduper, answers(.put, at: resource.itemPath) {
            let line = "curl -X PUT \(token) \(Self.json) \"\(item)\" -d '{\"data\":{}}'"
            examples.append(("Take it for the account", line))
        }
        if resource.singleton == nil, answers(.get, at: resource.collectionPath) {
            let list = resource.documentType == "account" ? path + "/children" : path
            examples.append(("List them", "curl \(token) \"\(list)?pretty_print=true\""))
            examples.append(("A table for a spreadsheet", "curl \(token) \"\(list)?accept=csv\""))
        }
        let gone = [item] + needed.reversed().map { self.item(of: $0, variable($0)) }
        let lines = gone.map { "curl -X DELETE \(token) \"\($0)\"" }.joined(separator: "\n")
        examples.append((needed.isEmpty ? "Delete it" : "Delete it, and what was made for it", lines))
        return examples.map { ["title": $0.0, "command": $0.1] }
    }

    /// The lines that make the first example of a resource, and keep its ID.
    private func making(_ resource: ResourceDefinition, keptAs name: String) -> String {
        var example = resource.examples.first ?? [:]
        for (path, target) in needs(of: resource) { example.set(.string("$\(variable(target))"), at: path) }
        var text = example.text().quoted
        // What a variable holds stands outside of the quotes.
        for (_, target) in needs(of: resource) {
            text = text.replacing("\"$\(variable(target))\"", with: "\"'$\(variable(target))'\"")
        }
        let data = "-d '{\"data\":\(text)}'"
        let put = "-X PUT \(Self.token) \(Self.json)"
        let isPutThere = resource.documentType == "account" || answers(.put, at: resource.collectionPath)
        if resource.singleton != nil || !isPutThere {
            let begin = resource.singleton == nil ? "\(name)=\(Self.names[resource.documentType] ?? "example")\n" : ""
            return begin + "curl \(put) \\\n    \"\(item(of: resource, name))\" \\\n    \(data)"
        }
        return "\(name)=$(curl -s -o /dev/null -w '%header{location}' \(put) \\\n    \"\(path(of: resource))\" \\\n    "
            + "\(data))\n\(name)=${\(name)##*/}"
    }

    /// What has to be there before the example of a resource can be made: what it is in, and what it names.
    private func needed(by resource: ResourceDefinition) -> [ResourceDefinition] {
        resource.parents.compactMap { visit.kit.catalogue[type: $0.type] } + needs(of: resource).map(\.target)
    }

    /// The references in the example of a resource, and what they name.
    private func needs(of resource: ResourceDefinition) -> [(path: JSONPath, target: ResourceDefinition)] {
        guard let example = resource.examples.first else { return [] }
        return resource.references.compactMap { reference in
            let path = JSONPath(reference.path.description)
            guard example.value(at: path)?.string != nil, reference.target != resource.documentType,
                let target = visit.kit.catalogue[type: reference.target], target.namesNothing
            else { return nil }
            return (path, target)
        }
    }

    private func variable(_ resource: ResourceDefinition) -> String { resource.documentType.uppercased() }

    private func path(of resource: ResourceDefinition) -> String {
        if resource.documentType == "account" { return "\(origin)/v2/accounts/$ACCOUNT" }
        var path = resource.collectionPath.replacing("{account}", with: "$ACCOUNT")
        for parent in resource.parents {
            path = path.replacing("{\(parent.type)}", with: "$\(parent.type.uppercased())")
        }
        return "\(origin)/v2\(path)"
    }

    private func item(of resource: ResourceDefinition, _ name: String) -> String {
        if resource.documentType == "account" { return "\(origin)/v2/accounts/$\(name)" }
        return resource.singleton == nil ? "\(path(of: resource))/$\(name)" : path(of: resource)
    }

    private func answers(_ method: HTTPRequest.Method, at path: String) -> Bool { access(method, at: path) != nil }

    /// Who may use a method at a path; nil if nobody can.
    private func access(_ method: HTTPRequest.Method, at path: String) -> Access? {
        let route = visit.registry.all.first { $0.template.description == path }
        return route?.route.methods.first { $0.method == method }?.access
    }
}

extension ResourceDefinition {
    /// Whether the example names no other document.
    fileprivate var namesNothing: Bool {
        references.allSatisfy { examples.first?.value(at: JSONPath($0.path.description)) == nil }
    }

    /// A field of the example, as a change.
    fileprivate var change: String {
        let field = examples.first?.object?.first {
            $0.value.object == nil && $0.value.array == nil && reference(at: JSONPath($0.key)) == nil
        }
        return field.map { JSON.object([$0.key: $0.value]).text() } ?? "{}"
    }
}

extension String {
    /// The text inside of a shell's single quotes.
    fileprivate var quoted: String { replacing("'", with: "'\\''") }
}
