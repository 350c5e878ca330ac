//  One route as OpenAPI describes it. Source: OpenAPI 3.1.1, "Path Item Object".

import Gateway
import HTTPTypes
import JSON
import JSONSchema

/// The verbs of a route with what goes in and out.
struct OpenAPIPath {
    private let route: PluginRoute
    private let plugin: any Plugin.Type
    /// What goes in where the route says nothing: the schema of the plugin's name, if there is one.
    private let fallback: JSON

    init(_ route: PluginRoute, of plugin: any Plugin.Type, _ kit: Kit) {
        self.route = route
        self.plugin = plugin
        fallback = kit.schemas[plugin.name] == nil ? Self.object : OpenAPISchema.reference(to: plugin.name)
    }

    var json: JSON {
        var item = JSONObject()
        if !route.template.arguments.isEmpty { item["parameters"] = .array(route.template.arguments.map(argument)) }
        for (method, access) in route.route.methods {
            item[method.rawValue.lowercased()] = operation(method, access)
        }
        return .object(item)
    }

    private func operation(_ method: HTTPRequest.Method, _ access: Access) -> JSON {
        let words = [method.rawValue.lowercased()] + route.template.words
        var operation: JSONObject = [
            "operationId": .string(words.joined(separator: "_")),
            "tags": [.string(plugin.name)],
            "description": .string(access.explanation),
            "security": access == .anyone ? [] : [["token": []], ["bearer": []]],
        ]
        if method == .get, route.content.isList { operation["parameters"] = Self.listParameters }
        operation["requestBody"] = requestBody(method)
        let success = method == .put ? "201" : "200"
        operation["responses"] = [success: response(method), "default": ["$ref": "#/components/responses/Error"]]
        return .object(operation)
    }

    private func requestBody(_ method: HTTPRequest.Method) -> JSON? {
        guard [.put, .post, .patch].contains(method) else { return nil }
        var content = JSONObject()
        switch route.content {
        // The path says everything that a single link needs.
        case .link: return nil
        case .anything, .rows: content["application/json"] = Self.envelope(fallback)
        case .links(_, let field):
            let ids: JSON = ["type": "array", "uniqueItems": true, "items": ["type": "string"]]
            content["application/json"] = Self.envelope([
                "type": "object", "required": [.string(field)], "properties": .object([field: ids]),
            ])
        case .elements(let field, let schema):
            content["application/json"] = Self.envelope(Self.elements(field, schema))
        case .collection(let schema), .document(let schema), .index(_, let schema), .settings(let schema):
            // A patch is a part of a document: nothing is required of it.
            let data = method == .patch ? Self.object : OpenAPISchema.reference(to: schema)
            content["application/json"] = Self.envelope(data)
        case .file(let mediaTypes, _):
            for type in mediaTypes { content[type] = [:] }
        }
        return ["required": true, "content": .object(content)]
    }

    private func response(_ method: HTTPRequest.Method) -> JSON {
        if method == .get, case .file(let mediaTypes, _) = route.content {
            return ["description": "The file.", "content": .object(JSONObject(mediaTypes.map { ($0, [:]) }))]
        }
        var content: JSONObject = [
            "application/json": [
                "schema": [
                    "type": "object",
                    "required": ["status", "request_id"],
                    "properties": [
                        "status": ["enum": ["success"]],
                        "data": answer(method),
                        "revision": ["type": "string"],
                        "request_id": ["type": "string"],
                        "next_start_key": ["type": "string", "description": "The cursor of the next page."],
                    ],
                ]
            ]
        ]
        if method == .get { for type in route.route.fileTypes { content[type] = [:] } }
        return ["description": "Done.", "content": .object(content)]
    }

    private func answer(_ method: HTTPRequest.Method) -> JSON {
        if method == .get, route.content.isList { return ["type": "array", "items": Self.object] }
        if method == .delete, case .file = route.content { return Self.object }
        if case .elements(let field, let schema) = route.content { return Self.elements(field, schema) }
        return route.content.schema.map(OpenAPISchema.reference) ?? [:]
    }

    private static let object: JSON = ["type": "object"]

    private static func elements(_ field: String, _ schema: String) -> JSON {
        let array: JSON = ["type": "array", "items": OpenAPISchema.reference(to: schema)]
        return ["type": "object", "required": [.string(field)], "properties": .object([field: array])]
    }

    private static func envelope(_ data: JSON) -> JSON {
        ["schema": ["type": "object", "required": ["data"], "properties": ["data": data]]]
    }

    private func argument(_ name: String) -> JSON {
        ["name": .string(name), "in": "path", "required": true, "schema": ["type": "string"]]
    }

    private static let listParameters: JSON = [
        [
            "name": "page_size", "in": "query", "description": "How many rows a page has.",
            "schema": ["type": "integer", "minimum": 1],
        ],
        [
            "name": "start_key", "in": "query", "description": "The next_start_key of the page before.",
            "schema": ["type": "string"],
        ],
        ["name": "ascending", "in": "query", "schema": ["type": "boolean"]],
        ["name": "paginate", "in": "query", "description": "False for all rows.", "schema": ["type": "boolean"]],
    ]
}

extension RouteContent {
    fileprivate var isList: Bool {
        switch self {
        case .collection, .rows: true
        case .anything, .document, .elements, .index, .link, .links, .file, .settings: false
        }
    }

    /// The schema of a document that comes out.
    fileprivate var schema: String? {
        switch self {
        case .anything, .rows, .elements, .index, .settings: nil
        case .collection(let schema), .document(let schema), .link(let schema), .links(let schema, _),
            .file(_, let schema):
            schema
        }
    }
}

extension Access {
    /// Who may, as a sentence.
    var explanation: String {
        switch self {
        case .anyone: "Open to everybody."
        case .authenticated: "For everybody with a valid token."
        case .account(.user): "For users of the account, and for administrators of the accounts above it."
        case .account(.admin): "For administrators of the account, and of those above it."
        case .accountAdminOrSelf:
            "For administrators of the account and of those above it, and for the user it is about."
        case .superduper: "For administrators of the master account."
        }
    }
}
