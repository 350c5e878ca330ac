//  An array in a document, under a path of its own: as a list and as items.

import DocumentStore
import Gateway
import HTTPTypes
import JSON

/// A plugin that shows the elements of one array of other resources' documents: `GET`, `PUT`, `DELETE
/// /accounts/{A}/users/{U}/comments`, and `GET`, `POST`, `PATCH`, `DELETE` of one under `…/comments/{N}`.
///
/// An element has no id but its place, counted from 0. `GET` of the list and `PUT` speak of `{"comments": […]}`; what is
/// put comes behind what is there. The array is as long as a document may be large.
package protocol ArrayPlugin: ExamplePlugin, OwnedPlugin {
    /// The kinds of document that have the array.
    static var owners: [any ResourcePlugin.Type] { get }

    /// The field; by default it has the plugin's name.
    static var field: String { get }

    /// The name of the schema of one element; by default the plugin's name in the singular.
    static var schemaName: String { get }

    /// The number in an element by which they are ordered; nil to keep them as they came.
    static var order: String? { get }

    static var access: ResourceAccess { get }

    /// Whether only administrators see an element, here and in the document; by default everybody sees all of them. The
    /// places of the others are counted without it.
    static func isForAdministrators(_ element: JSON) -> Bool
}

extension ArrayPlugin {
    package static var ownerTypes: [String] { owners.map { $0.documentType } }
    package static var field: String { name }
    package static var schemaName: String { name.singular }
    package static var order: String? { nil }
    package static var access: ResourceAccess { ResourceAccess() }
    package static func isForAdministrators(_ element: JSON) -> Bool { false }

    static var guarded: GuardedArray { GuardedArray(field: field, isGuarded: { isForAdministrators($0) }) }

    package static func routes(kit: Kit) -> [PluginRoute] {
        owners.flatMap { owner in
            let elements = Elements(
                field: DocumentField(name: field, ownerType: owner.documentType, kit: kit),
                placeholder: name.singular,
                schema: schemaName,
                order: order
            )
            let path = "\(owner.itemPath)/\(name)"
            let removal = access.item.filter { $0.method == .delete }
            let list = Route(access.list + removal) { call throws(APIError) in try elements.list(call) }
            let item = Route(access.item) { call throws(APIError) in try elements.item(call) }
            return [
                PluginRoute(RouteTemplate(path), list, .elements(field: field, schema: schemaName)),
                PluginRoute(RouteTemplate("\(path)/{\(name.singular)}"), item, .document(schema: schemaName)),
            ]
        }
    }

    package static func problems(kit: Kit) -> [String] {
        kit.problems(name, schema: schemaName, owners: owners, examples)
    }
}

/// The array of one kind of owner.
private struct Elements: Sendable {
    let field: DocumentField
    /// The name of the place in the path.
    let placeholder: String
    let schema: String
    let order: String?

    func list(_ call: Call) throws(APIError) -> Reply {
        switch call.method {
        case .get: return try wrapped(field.read(call))
        case .delete: return try wrapped(field.change(call) { _ in nil })
        default:
            guard let added = try call.fields()[field.name]?.array else {
                throw .invalid(field.name, rule: "required", "Field is required but missing")
            }
            var reply = try wrapped(
                field.change(call) { old throws(APIError) in
                    var elements = old?.array ?? []
                    for element in added { elements.append(try field.kit.checked(element, against: schema)) }
                    return ordered(elements)
                }
            )
            reply.isCreated = true
            return reply
        }
    }

    func item(_ call: Call) throws(APIError) -> Reply {
        if call.method == .get {
            let reply = try field.read(call)
            return try element(place(call, in: reply.elements), of: reply)
        }
        // What it becomes, because its place may be another afterwards.
        var shown: JSON = [:]
        var reply = try field.change(call) { old throws(APIError) in
            var elements = old?.array ?? []
            let place = try place(call, in: elements)
            switch call.method {
            case .delete: shown = elements.remove(at: place)
            case .patch:
                let patch = JSON.object(try call.fields())
                elements[place] = try field.kit.checked(elements[place].merging(patch), against: schema)
                shown = elements[place]
            default:
                elements[place] = try field.kit.checked(.object(call.fields()), against: schema)
                shown = elements[place]
            }
            return elements.isEmpty ? nil : ordered(elements)
        }
        reply.content = .value(shown.bytes())
        return reply
    }

    /// - Throws: `.badIdentifier` for what is no place of an element.
    private func place(_ call: Call, in elements: [JSON]) throws(APIError) -> Int {
        let text = call.argument(placeholder) ?? ""
        guard let place = Int(text), elements.indices.contains(place), String(place) == text else {
            throw .badIdentifier(text)
        }
        return place
    }

    private func ordered(_ elements: [JSON]) -> JSON {
        guard let order else { return .array(elements) }
        let places = elements.enumerated().map { (key: $0.element[order]?.double ?? 0, place: $0.offset) }
        return .array(places.sorted { $0 < $1 }.map { elements[$0.place] })
    }

    private func wrapped(_ reply: Reply) -> Reply {
        var reply = reply
        reply.content = .value(JSON.object([field.name: .array(reply.elements)]).bytes())
        return reply
    }

    private func element(_ place: Int, of reply: Reply) -> Reply {
        var reply = reply
        reply.content = .value(reply.elements[place].bytes())
        return reply
    }
}

extension Reply {
    /// The elements of a reply that is an array; none if it is not.
    fileprivate var elements: [JSON] {
        guard case .value(let bytes) = content else { return [] }
        return (try? JSON(parsing: bytes))?.array ?? []
    }
}
