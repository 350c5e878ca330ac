//  The page of one plugin for people, derived from its declaration.

import DocumentStore
import Gateway
import HTTPTypes
import JSON
import JSONSchema

/// What a plugin is, what it answers and to whom, what its documents hold, and what it tells, as Markdown.
package struct PluginPage {
    private let plugin: any Plugin.Type
    private let kit: Kit
    private let routes: [PluginRoute]
    private let resource: ResourceDefinition?

    package init(_ plugin: any Plugin.Type, _ kit: Kit) {
        self.plugin = plugin
        self.kit = kit
        routes = plugin.routes(kit: kit)
        resource = (plugin as? any ResourcePlugin.Type).flatMap { kit.catalogue[type: $0.documentType] }
    }

    package var markdown: String {
        let sections = [
            "# \(plugin.name)", summary, plugin.notes, routeSection, fieldSection, secretSection, uniqueSection,
            referenceSection, eventSection, exampleSection,
        ]
        return sections.compactMap { $0 }.joined(separator: "\n\n") + "\n"
    }

    /// One sentence: the plugin's own, else its schema's; nil if nobody says what it is.
    package var summary: String? {
        plugin.summary ?? schemaNames.lazy.compactMap { kit.schemas[$0]?.source["description"]?.string }.first
    }

    // MARK: Sections

    private var routeSection: String? {
        let rows = routes.flatMap { route in
            route.route.methods.map { method, access in
                ["`\(method.rawValue)`", "`/v2\(route.template)`", access.explanation]
            }
        }
        return table("Routes", ["verb", "path", "who may"], rows)
    }

    private var fieldSection: String? {
        let sections = schemaNames.compactMap { name -> String? in
            guard let schema = kit.schemas[name]?.source else { return nil }
            let required = schema["required"]?.array?.compactMap(\.string) ?? []
            let rows = (schema["properties"]?.object ?? [:]).map { field, schema in
                [
                    "`\(field)`" + (required.contains(field) ? " (required)" : ""), Self.type(of: schema),
                    Self.limits(of: schema), Self.meaning(of: schema),
                ]
            }
            return table("Fields of `\(name)`", ["field", "type", "limits", "meaning"], rows)
        }
        return sections.isEmpty ? nil : sections.joined(separator: "\n\n")
    }

    private var secretSection: String? { (resource?.concealment.explanation).map { "## Secret\n\n\($0)" } }

    private var uniqueSection: String? {
        let items = (resource?.uniqueFields ?? []).map { field in
            let paths = field.paths.map { "`\($0)`" }.joined(separator: ", ")
            let circle = field.circle == .account ? "in the account" : "on the whole server"
            let divider = field.divider.map { ", for each `\($0)`" } ?? ""
            return "\(paths) \(circle)\(divider): “\(field.message)”"
        }
        return list("Unique", items)
    }

    private var referenceSection: String? {
        guard let resource else { return nil }
        let outgoing = resource.references.map { reference in
            let existence = reference.mustExist ? ", which must exist" : ""
            return "`\(reference.path)` names a \(reference.target)\(existence). \(reference.onDelete.explanation)"
        }
        let incoming = kit.catalogue.all.flatMap { other in
            other.references.filter { $0.target == resource.documentType }.map { reference in
                "`\(reference.path)` of `\(other.name)` names a \(resource.documentType). "
                    + reference.onDelete.explanation
            }
        }
        return list("References", outgoing + incoming)
    }

    private var eventSection: String? { list("Events", events.map { "`\($0)`" }) }

    private var exampleSection: String? {
        let examples = (plugin as? any ExamplePlugin.Type)?.examples ?? []
        guard !examples.isEmpty else { return nil }
        return "## Examples\n\n" + examples.map { "```json\n\($0.text(.pretty))\n```" }.joined(separator: "\n\n")
    }

    // MARK: What they are made of

    /// The schemas of what goes in and out, in the order of the routes.
    private var schemaNames: [String] {
        var names: [String] = []
        for name in routes.compactMap(\.content.dataSchema) + [plugin.name]
        where kit.schemas[name] != nil && !names.contains(name) { names.append(name) }
        return names
    }

    /// What the notifiers say of a document that is created, edited and deleted; of the owners', where it is a part of
    /// other documents.
    private var events: [String] {
        if let association = plugin as? any AssociationPlugin.Type {
            let link = association.link
            return [link.associated, link.dissociated]
        }
        if let resource { return resource.events(of: [.created, .edited, .deleted]) }
        let owners = (plugin as? any OwnedPlugin.Type)?.ownerTypes ?? []
        return owners.flatMap { kit.catalogue[type: $0]?.events(of: [.edited]) ?? [] }
    }

    private static func type(of schema: JSON) -> String {
        if let reference = schema["$ref"]?.string { return "see `\(reference)`" }
        let type = schema["type"]?.string ?? schema["type"]?.array?.compactMap(\.string).joined(separator: " or ") ?? ""
        guard type == "array", let items = schema["items"] else { return type }
        return "array of \(Self.type(of: items))"
    }

    private static let limitNames = [
        ("minLength", "at least % characters"), ("maxLength", "at most % characters"), ("minimum", "at least %"),
        ("maximum", "at most %"), ("minItems", "at least % elements"), ("maxItems", "at most % elements"),
        ("pattern", "`%`"), ("format", "%"), ("default", "% if left out"),
    ]

    private static func limits(of schema: JSON) -> String {
        var limits = limitNames.compactMap { keyword, sentence in
            schema[keyword].map { sentence.replacing("%", with: $0.controlText ?? $0.text()) }
        }
        if let choices = schema["enum"]?.array {
            limits.insert("one of " + choices.map { "`\($0.controlText ?? "null")`" }.joined(separator: ", "), at: 0)
        }
        return limits.joined(separator: "; ")
    }

    private static func meaning(_ title: String?, _ description: String?) -> String {
        [title, description].compactMap { $0 }.joined(separator: ": ")
    }

    private static func meaning(of schema: JSON) -> String {
        meaning(schema["title"]?.string, schema["description"]?.string)
    }

    private func list(_ title: String, _ items: [String]) -> String? {
        items.isEmpty ? nil : "## \(title)\n\n" + items.map { "- \($0)" }.joined(separator: "\n")
    }

    private func table(_ title: String, _ columns: [String], _ rows: [[String]]) -> String? {
        guard !rows.isEmpty else { return nil }
        let lines = [columns, columns.map { _ in "---" }] + rows.map { row in row.map(Self.cell) }
        return "## \(title)\n\n" + lines.map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
    }

    /// A cell has one line, and no end but its own.
    private static func cell(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("\n", with: " ")
    }
}

/// A plugin with examples of what it takes.
package protocol ExamplePlugin: Plugin {
    /// Whole, valid values: for the tests that every plugin passes and for the documentation.
    static var examples: [JSON] { get }
}

/// A plugin that is a part of other resources' documents.
package protocol OwnedPlugin: Plugin {
    /// The kinds of these documents.
    static var ownerTypes: [String] { get }
}

extension AssociationPlugin {
    fileprivate static var link: Link { Link(Self.self) }
}

extension ResourceDefinition {
    fileprivate enum Happening { case created, edited, deleted }

    /// What the resource's notifier tells of an empty document.
    fileprivate func events(of happenings: [Happening]) -> [String] {
        let document = Document(scope: .system, type: documentType, fields: [:])
        return happenings.flatMap { happening in
            let change =
                switch happening {
                case .created: Change(old: nil, new: document)
                case .edited: Change(old: document, new: document)
                case .deleted: Change(old: document, new: nil)
                }
            return notifier.notices(of: change, type: documentType).map(\.name)
        }
    }
}

extension ReferenceField.DeleteRule {
    /// What becomes of who names something that is deleted.
    fileprivate var explanation: String {
        switch self {
        case .keep: "When that is deleted, the id stays and leads nowhere."
        case .clear: "When that is deleted, the id is taken out."
        case .cascade: "When that is deleted, the document is deleted too."
        case .refuse: "That cannot be deleted as long as it is named."
        }
    }
}

extension RouteContent {
    /// The schema of what a plugin's own data is; nil where only other plugins' documents come out.
    fileprivate var dataSchema: String? {
        switch self {
        case .collection(let schema), .document(let schema), .elements(_, let schema), .index(_, let schema),
            .settings(let schema):
            schema
        case .anything, .rows, .link, .links, .file: nil
        }
    }
}
