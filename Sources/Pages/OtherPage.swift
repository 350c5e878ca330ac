//  The page of what no declaration tells more about: rows with whatever columns they have, values by their names.

import Gateway
import JSON
import PluginKit

struct OtherPage {
    let visit: Visit

    /// - Throws: `.rangeNotSatisfiable` if the list is too long for one page.
    func page(_ reply: Reply) throws(APIError) -> Page {
        var values: Model = [
            "json": visit.sameLink([("accept", "application/json"), ("pretty_print", "true"), ("said", nil)])
        ]
        let own = visit.sameLink([("accept", nil), ("said", nil)])
        if let command = visit.command(own) { values["command"] = command }
        switch reply.content {
        case .stream: throw .rangeNotSatisfiable
        case .rows(let bytes): values["table"] = table(bytes.map { (try? JSON(parsing: $0)) ?? .null }, reply.paging)
        case .value(let bytes):
            let value = (try? JSON(parsing: bytes)) ?? .null
            if let rows = rows(of: value) {
                values["table"] = table(rows, nil)
                if visit.mayUseHere(.put) { values["creation"] = visit.link(visit.request.path, ["form": "new"]) }
            } else if let elements = value.array, elements.contains(where: { $0.object != nil }) {
                values["table"] = table(elements, nil)
            } else {
                values["fields"] = ["entries": entries(value, name: "")]
            }
        default: break
        }
        values["buttons"] = visit.buttons
        return visit.page("values", title: title, values)
    }

    /// The rows in a value that has them in a field; elements of an array have their places as ids.
    private func rows(of value: JSON) -> [JSON]? {
        guard let route = visit.subject?.route else { return nil }
        switch route.content {
        case .index(let field, _): return value[field]?.array ?? []
        case .elements(let field, _):
            return (value[field]?.array ?? []).enumerated().map { place, element in
                var row = element.object ?? [:]
                row["id"] = .string(String(place))
                return .object(row)
            }
        default: return nil
        }
    }

    private var title: String {
        let noun = visit.request.nouns.last
        let words = [noun?.module] + (noun?.arguments.dropFirst(noun?.module == "accounts" ? 1 : 0).map { $0 } ?? [])
        return words.compactMap { $0 }.last.map(Wording.title) ?? "Jackfield"
    }

    private func table(_ rows: [JSON], _ paging: Paging?) -> Model {
        var columns: [String] = []
        for row in rows { for name in row.object?.keys ?? [] where !columns.contains(name) { columns.append(name) } }
        columns.removeAll { $0 == "id" || $0 == "name" || Wording.nameParts.contains($0) }
        var table: Model = [
            "isEmpty": rows.isEmpty,
            "columns": columns.map { ["title": Wording.title(ofName: $0)] },
            "rows": rows.map { row in
                [
                    "name": name(row),
                    "href": href(row),
                    "hasPage": !href(row).isEmpty,
                    "cells": columns.map { ["text": Wording.text(of: row[$0] ?? .null, in: $0)] as Model },
                ] as Model
            },
        ]
        if let next = paging?.next { table["next"] = visit.sameLink([("start_key", next)]) }
        return table
    }

    /// What a row is called: elements of an array by what they are and their places, counted from one.
    private func name(_ row: JSON) -> String {
        if let name = Wording.name(of: row) { return name }
        if let subject = visit.subject, case .elements = subject.route.content, let place = row["id"]?.string,
            let number = Int(place)
        {
            return "\(subject.one) \(number + 1)"
        }
        return row["id"].map(Wording.text) ?? Wording.text(of: row)
    }

    /// Accounts have pages of their own, wherever they are listed.
    private func href(_ row: JSON) -> String {
        guard let id = row["id"]?.string else { return "" }
        if visit.request.nouns.last?.module == "accounts" { return visit.link("/v2/accounts/\(percentEncoded(id))") }
        if visit.request.nouns.last?.module == "search" {
            let path = visit.request.query["t"].flatMap { visit.path(of: DocumentID(id), type: $0) }
            return path.map { visit.link($0) } ?? ""
        }
        return visit.mayUse(.get, visit.request.nouns.appending(id))
            ? visit.link("\(visit.request.path)/\(percentEncoded(id))") : ""
    }

    /// The fields of a value, nested ones under all of their names.
    private func entries(_ value: JSON, name: String) -> [Model] {
        guard case .object(let members) = value, !members.isEmpty else {
            return [["label": name.isEmpty ? title : name, "text": Wording.text(of: value)] as Model]
        }
        return members.flatMap { key, value in
            entries(value, name: name.isEmpty ? Wording.title(ofName: key) : "\(name) › \(Wording.title(ofName: key))")
        }
    }
}

extension [Noun] {
    /// The same path with one more argument.
    fileprivate func appending(_ argument: String) -> [Noun] {
        var nouns = self
        guard let last = indices.last else { return self }
        nouns[last].arguments.append(argument)
        return nouns
    }
}
