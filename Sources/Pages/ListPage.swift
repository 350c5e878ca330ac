//  The page of a list: a table, the way through it, boxes to narrow it.

import DocumentStore
import Gateway
import JSON
import JSONSchema
import PluginKit

/// A list of documents of one resource.
struct ListPage {
    /// How many columns a table has beside the name.
    private static let columnLimit = 6
    /// How many choices a box offers; with more, a person types.
    private static let choiceLimit = 50

    let visit: Visit
    let resource: ResourceDefinition
    let shape: SchemaShape?

    /// - Throws: `.rangeNotSatisfiable` if the list is too long for one page.
    func page(_ reply: Reply) throws(APIError) -> Page {
        guard let rows = rows(of: reply) else { throw .rangeNotSatisfiable }
        let columns = columns(rows)
        let filters = filters
        var list: Model = [
            "purpose": shape?.text ?? "",
            "many": Wording.inside(Wording.many(resource)),
            "isEmpty": rows.isEmpty,
            "isFiltered": isFiltered,
            "hasActions": !rows.isEmpty || isFiltered,
            "columns": columns.map { ["title": title(of: $0)] },
            "rows": rows.map { row($0, columns) },
            "csv": visit.sameLink([("accept", "text/csv"), ("paginate", "false"), ("start_key", nil), ("said", nil)]),
            "json": visit.sameLink([("accept", "application/json"), ("pretty_print", "true"), ("said", nil)]),
            "all": visit.listLink(visit.request.path),
            "filters": filters,
            "hasFilters": (!rows.isEmpty || isFiltered) && !filters.isEmpty,
            "filterAction": visit.request.path,
            "carried": carriedWords,
        ]
        if visit.isNamedByAddress(visit.request.nouns) {
            list["beginning"] =
                ["label": Wording.one(resource), "action": visit.request.path, "words": carriedWords] as Model
        }
        if let creation { list["creation"] = ["href": creation, "thing": Wording.aOrAn(Wording.one(resource))] }
        list["order"] = order
        list["paging"] = paging(reply.paging)
        if !rows.isEmpty, !isFiltered, reply.paging?.start == nil { list["count"] = count(rows, reply.paging) }
        return visit.page("list", title: title, list)
    }

    /// The rows of a reply, which some resources give as the members of an object, by their ids; nil of a longer list.
    private func rows(of reply: Reply) -> [JSON]? {
        switch reply.content {
        case .rows(let bytes): return bytes.map { (try? JSON(parsing: $0)) ?? .null }
        case .value(let bytes):
            let members = (try? JSON(parsing: bytes))?.object?.lazy.compactMap(\.value.object).first
            return members?.map { id, row in
                var row = row.object ?? [:]
                row["id"] = .string(id)
                return .object(row)
            }
        default: return nil
        }
    }

    private var title: String { resource.documentType == "account" ? "Accounts below" : Wording.many(resource) }

    /// The form for a new document, if the caller may make one.
    private var creation: String? {
        let nouns =
            resource.documentType == "account" ? Array(visit.request.nouns.prefix(1)).ofTheItem : visit.request.nouns
        return visit.mayUse(.put, nouns) ? visit.link(visit.request.path, ["form": "new"]) : nil
    }

    private func count(_ rows: [JSON], _ paging: Paging?) -> String {
        guard paging?.next != nil, let service = try? visit.service(resource.documentType) else {
            return Wording.count(rows.count, of: resource)
        }
        let parent = resource.parents.lazy.compactMap { visit.request.call?.argument($0.type) }.first
        let within = resource.documentType == "account" ? visit.account?.id : parent
        guard let count = try? service.count(within: within) else { return "" }
        return Wording.count(count, of: resource)
    }

    // MARK: The table

    /// The fields of the declared row that say something here, but those that are the name.
    private func columns(_ rows: [JSON]) -> [String] {
        let shown = resource.views.first.map { $0.row.map(\.name) + $0.counted.map(\.name) } ?? []
        let useful = shown.filter { name in
            guard name != "name", !Wording.nameParts.contains(name) else { return false }
            return rows.contains { row in
                switch row[name] {
                case nil, .null, .object: false
                case .string(let text): !text.isEmpty
                case .array(let elements): !elements.isEmpty && elements.allSatisfy { $0.controlText != nil }
                case .bool, .number: true
                }
            }
        }
        // What is a list itself takes room that plain values need.
        let plain = useful.filter { name in rows.allSatisfy { $0[name]?.array == nil } }
        return Array((plain + useful.filter { !plain.contains($0) }).prefix(Self.columnLimit))
    }

    private func title(of column: String) -> String {
        shape?.member(column)?.title ?? Wording.title(ofName: column)
    }

    private func row(_ row: JSON, _ columns: [String]) -> Model {
        let id = row["id"]?.string ?? ""
        let path =
            resource.documentType == "account"
            ? "/v2/accounts/\(percentEncoded(id))" : "\(visit.request.path)/\(percentEncoded(id))"
        return [
            "name": Wording.name(of: row) ?? id,
            "href": visit.link(path),
            "cells": columns.map { cell(row[$0] ?? .null, $0) },
        ]
    }

    private func cell(_ value: JSON, _ column: String) -> Model {
        var cell: Model = ["text": Wording.text(of: value), "isNumber": value.double != nil]
        guard let reference = resource.reference(at: JSONPath(column)), let id = value.string, !id.isEmpty else {
            return cell
        }
        if let name = visit.name(of: DocumentID(id), type: reference.target),
            let path = visit.path(of: DocumentID(id), type: reference.target)
        {
            cell["text"] = name.isEmpty ? id : name
            cell["href"] = visit.link(path)
        }
        return cell
    }

    // MARK: The way through it

    private var order: Model {
        let query = visit.request.query
        let isAscending = (query["ascending"] ?? "false") != "false" && query["descending"] != "true"
        let changes = [
            ("ascending", isAscending ? "false" : "true"), ("descending", nil), ("start_key", nil), ("said", nil),
        ]
        return [
            "isAscending": isAscending,
            "href": visit.sameLink(changes.map { (name: $0.0, value: $0.1) }),
        ]
    }

    private func paging(_ paging: Paging?) -> Model {
        var links: Model = [:]
        if paging?.start != nil { links["first"] = visit.sameLink([("start_key", nil), ("said", nil)]) }
        if let next = paging?.next { links["next"] = visit.sameLink([("start_key", next), ("said", nil)]) }
        return links
    }

    // MARK: Boxes to narrow it

    private var isFiltered: Bool { visit.request.query.pairs.contains { $0.name.hasPrefix("filter_") } }

    /// A box for each field of the row that the documents themselves have.
    private var filters: [Model] {
        let names = (resource.views.first?.row ?? []).map(\.name)
        let simple: Set<String> = ["string", "integer", "number", "boolean"]
        return names.compactMap { name in
            guard let field = shape?.member(name), !field.types.isEmpty, field.types.isSubset(of: simple) else {
                return nil
            }
            let parameter = "filter_\(name)"
            let value = visit.request.query[parameter] ?? ""
            var filter: Model = ["name": parameter, "label": title(of: name), "value": value, "isChoice": false]
            if let options = options(of: field, name) {
                filter["isChoice"] = true
                filter["options"] = ([("", "Any")] + options).map { option in
                    ["value": option.0, "name": option.1, "isChosen": option.0 == value] as Model
                }
            }
            return filter
        }
    }

    private func options(of field: SchemaShape, _ name: String) -> [(String, String)]? {
        if field.types == ["boolean"] { return [("true", "Yes"), ("false", "No")] }
        if let values = field.keywords["enum"]?.array?.compactMap(\.controlText) {
            return values.map { ($0, $0) }
        }
        guard let reference = resource.reference(at: JSONPath(name)) else { return nil }
        return visit.choices(of: reference.target, limit: Self.choiceLimit)?.map { ($0.id, $0.name) }
    }

    /// What a form that narrows the list leaves as it was.
    private var carriedWords: [Model] {
        visit.request.query.pairs
            .filter { ["accept", "auth_token", "ascending", "descending", "page_size"].contains($0.name) }
            .map { ["name": $0.name, "value": $0.value ?? "true"] }
    }

    /// The address of a narrowed list: a browser sends every box, also those that were left empty.
    static func narrowed(_ visit: Visit) -> String? {
        guard visit.request.query["narrow"] != nil else { return nil }
        let empty = visit.request.query.pairs.filter { $0.name.hasPrefix("filter_") && $0.value?.isEmpty != false }
        return visit.sameLink(empty.map { ($0.name, nil) } + [("narrow", nil), ("start_key", nil), ("said", nil)])
    }
}

extension Visit {
    /// The form for a document whose name was typed into the box of its list.
    var begun: String? {
        guard let name = request.query["new"], !name.isEmpty, isNamedByAddress(request.nouns) else { return nil }
        return link("\(request.path)/\(percentEncoded(name))", ["form": "new"])
    }
}

extension ResourceDefinition {
    /// The reference whose value stands at a path.
    func reference(at path: JSONPath) -> ReferenceField? {
        let template = path.elements.map { Int($0) == nil ? $0 : "[]" }.joined(separator: ".").replacing(
            ".[]",
            with: "[]"
        )
        return references.first { $0.path.description == template }
    }
}

extension [Noun] {
    /// `accounts [A, children]` without what stands behind the id.
    fileprivate var ofTheItem: [Noun] { map { Noun($0.module, Array<String>($0.arguments.prefix(1))) } }
}
