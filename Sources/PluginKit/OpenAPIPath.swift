//  One route as OpenAPI describes it. Source: OpenAPI 3.1.1, "Path Item Object".

import Gateway
import HTTPTypes
import JSON
import JSONSchema

/// The verbs of a route with what goes in and out.
struct OpenAPIPath {
    private let route: PluginRoute
    private let plugin: any Plugin.Type
    /// The name of the schema of what goes in and out, if it has one.
    private let schema: String?
    /// Whether the path names one document of the plugin.
    private let isItem: Bool
    /// The field of the links, if it is an association.
    private let linkField: String?

    init(_ route: PluginRoute, of plugin: any Plugin.Type, _ kit: Kit) {
        self.route = route
        self.plugin = plugin
        let resource = plugin as? any ResourcePlugin.Type
        let association = plugin as? any AssociationPlugin.Type
        let name = resource?.schemaName ?? association?.leftSchemaName ?? plugin.name
        schema = kit.schemas[name] == nil ? nil : name
        isItem = route.template.endsInArgument
        linkField = association?.linkField
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
        if isList(method) { operation["parameters"] = Self.listParameters }
        operation["requestBody"] = requestBody(method)
        let success = method == .put ? "201" : "200"
        operation["responses"] = [success: response(method), "default": ["$ref": "#/components/responses/Error"]]
        return .object(operation)
    }

    private func isList(_ method: HTTPRequest.Method) -> Bool {
        method == .get && !isItem && plugin is any ResourcePlugin.Type
    }

    private func requestBody(_ method: HTTPRequest.Method) -> JSON? {
        // The path says everything that a single link needs.
        guard [.put, .post, .patch].contains(method), linkField == nil || !isItem else { return nil }
        // A patch is a part of a document: nothing is required of it.
        var data: JSON =
            method == .patch ? ["type": "object"] : schema.map(OpenAPISchema.reference) ?? ["type": "object"]
        if let linkField {
            let ids: JSON = ["type": "array", "uniqueItems": true, "items": ["type": "string"]]
            data = ["type": "object", "required": [.string(linkField)], "properties": .object([linkField: ids])]
        }
        return [
            "required": true,
            "content": [
                "application/json": [
                    "schema": ["type": "object", "required": ["data"], "properties": ["data": data]]
                ]
            ],
        ]
    }

    private func response(_ method: HTTPRequest.Method) -> JSON {
        let one = plugin is any ResourcePlugin.Type || linkField != nil ? schema.map(OpenAPISchema.reference) : nil
        let data: JSON = isList(method) ? ["type": "array", "items": ["type": "object"]] : one ?? [:]
        return [
            "description": "Done.",
            "content": [
                "application/json": [
                    "schema": [
                        "type": "object",
                        "required": ["status", "request_id"],
                        "properties": [
                            "status": ["enum": ["success"]],
                            "data": data,
                            "revision": ["type": "string"],
                            "request_id": ["type": "string"],
                            "next_start_key": ["type": "string", "description": "The cursor of the next page."],
                        ],
                    ]
                ]
            ],
        ]
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

extension AssociationPlugin {
    fileprivate static var leftSchemaName: String { Left.schemaName }
    fileprivate static var linkField: String { Link(Self.self).field }
}

extension Access {
    /// Who may, as a sentence.
    fileprivate var explanation: String {
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
