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
        let table = visit.site.table(resource)
        // The boxes may know names that the rows need.
        let boxes = table.boxes.isEmpty ? nil : boxes(table)
        let all = visit.listLink(visit.request.path)
        var list: Model = ["paging": paging(reply.paging), "formats": formats(isEmpty: rows.isEmpty)]
        if !rows.isEmpty {
            let isWhole = reply.paging?.start == nil && reply.paging?.next == nil
            list["table"] = self.table(table, rows, isWhole: isWhole, order(reply.paging))
        } else {
            list["isFiltered"] = isFiltered
            list["all"] = all
            list["purpose"] = shape?.text ?? ""
            list["many"] = Wording.inside(Wording.many(resource))
            if let creation {
                list["creation"] = ["href": creation, "thing": Wording.aOrAn(Wording.one(resource))] as Model
            }
        }
        if !rows.isEmpty || isFiltered {
            list["actions"] = actions(rows, reply.paging)
            if let boxes { list["filters"] = ["isOpen": isFiltered, "boxes": boxes, "all": all] as Model }
        }
        if visit.isNamedByAddress(visit.request.nouns) {
            list["beginning"] =
                ["label": Wording.one(resource), "action": visit.request.path, "words": carried] as Model
        }
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

    /// What can be done, and how many there are where that is the question.
    private func actions(_ rows: [JSON], _ paging: Paging?) -> Markup {
        let button: Markup? = creation.map { "<a class=\"button\" href=\"\($0)\">New…</a>" }
        guard !rows.isEmpty, !isFiltered, paging?.start == nil else { return button ?? "" }
        return "\(button ?? "")<span class=\"count\">\(count(rows, paging))</span>"
    }

    /// The same list in other forms.
    private func formats(isEmpty: Bool) -> Markup {
        let json = visit.sameLink([("accept", "application/json"), ("pretty_print", "true"), ("said", nil)])
        let link = Markup.link("JSON", json)
        if isEmpty { return link }
        let csv = visit.sameLink([("accept", "text/csv"), ("paginate", "false"), ("start_key", nil), ("said", nil)])
        return "\(Markup.link("CSV", csv)) · \(link)"
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

    /// A column with what it says in each row.
    private struct Column {
        let field: String
        let title: String
        /// The kind of document that it names.
        let target: String?
        var values: [JSON]

        var isList: Bool { values.contains { $0.array != nil } }
        var isNumber: Bool { values.allSatisfy { $0.double != nil || $0 == .null } }

        var saysSomething: Bool {
            values.contains { value in
                switch value {
                case .null, .object: false
                case .string(let text): !text.isEmpty
                case .array(let elements): !elements.isEmpty && elements.allSatisfy { $0.controlText != nil }
                case .bool, .number: true
                }
            }
        }
    }

    /// The table. A list whose order means nothing to a person is sorted here, if all of it is on the page.
    private func table(_ table: Site.Table, _ rows: [JSON], isWhole: Bool, _ order: Order) -> Model {
        let isByPerson = table.sortedBy.map(Wording.nameParts.contains) ?? false
        let isSortedHere = table.sortedBy == nil && isWhole
        let isByName = isByPerson || isSortedHere || table.sortedBy == "name"
        var named = rows.map { row in
            let name = isByPerson ? Wording.sortingName(of: row) : Wording.name(of: row)
            return (name: name ?? row["id"]?.string ?? "", row: row)
        }
        if isSortedHere {
            let keys = named.map { CollationKey(.string($0.name)) }
            let sorted = keys.indices.sorted { order.isAscending ? keys[$0] < keys[$1] : keys[$0] > keys[$1] }
            named = sorted.map { named[$0] }
        }
        let columns = columns(table, named.map(\.row))
        return [
            "head": head(columns, sortedBy: isByName ? "name" : table.sortedBy, order),
            "rows": lines(named, columns),
        ]
    }

    /// The columns that say something here.
    private func columns(_ table: Site.Table, _ rows: [JSON]) -> [Column] {
        var columns = table.columns.map { column in
            Column(
                field: column.name,
                title: column.title,
                target: column.target,
                values: Array(repeating: .null, count: rows.count)
            )
        }
        for (row, members) in rows.enumerated() {
            // Rows have their fields in the order of the columns, some without some of them.
            var next = 0
            for (name, value) in members.object ?? [:] {
                guard
                    let place = columns[next...].firstIndex(where: { $0.field == name })
                        ?? columns[..<next].firstIndex(where: { $0.field == name })
                else { continue }
                columns[place].values[row] = value
                next = place + 1
            }
        }
        // Whose list it is needs no column.
        let own = visit.account.map { JSON.string($0.id) }
        let useful = columns.filter { column in column.saysSomething && !column.values.allSatisfy { $0 == own } }
        // What is a list itself takes room that plain values need.
        return Array((useful.filter { !$0.isList } + useful.filter(\.isList)).prefix(Self.columnLimit))
    }

    /// The rows of the table. What ends a row or a cell may be left out.
    private func lines(_ rows: [(name: String, row: JSON)], _ columns: [Column]) -> Markup {
        let list = resource.documentType == "account" ? "/v2/accounts" : visit.request.path
        let before = Markup(visit.near(list + "/"))
        let after = Markup(visit.link(""))
        var lines: Markup = ""
        for (index, (name, row)) in rows.enumerated() {
            lines.append("<tr><th scope=\"row\"><a href=\"")
            lines += before
            lines.append(text: percentEncoded(row["id"]?.string ?? ""))
            lines += after
            lines.append("\">")
            lines.append(text: name)
            lines.append("</a></th>")
            for column in columns { write(column.values[index], of: column, to: &lines) }
            lines.append("\n")
        }
        return lines
    }

    /// Writes a cell.
    private func write(_ value: JSON, of column: Column, to lines: inout Markup) {
        if case .number = value { lines.append("<td class=\"number\">") } else { lines.append("<td>") }
        if let target = column.target, let id = value.string, !id.isEmpty {
            lines += visit.named(DocumentID(id), type: target, isNear: true).link
        } else {
            lines.append(text: Wording.text(of: value, in: column.field))
        }
    }

    // MARK: The way through it

    /// Which way the rows run, and whether that can be turned round: some lists have one order, whatever is asked for.
    private struct Order {
        let isAscending: Bool
        let canTurn: Bool
    }

    private func order(_ paging: Paging?) -> Order {
        let query = visit.request.query
        let asked = (query["ascending"] ?? "false") != "false" && query["descending"] != "true"
        let isAscending = paging?.isAscending ?? asked
        let hasAsked = query["ascending"] != nil || query["descending"] != nil
        return Order(isAscending: isAscending, canTurn: !hasAsked || isAscending == asked)
    }

    /// The titles of the columns. The one that the rows are sorted by has a link that turns the order round.
    private func head(_ columns: [Column], sortedBy: String?, _ order: Order) -> Markup {
        let titles = [("name", "Name", false)] + columns.map { ($0.field, $0.title, $0.isNumber) }
        return titles.map { field, title, isNumber -> Markup in
            let side: Markup = isNumber ? " class=\"number\"" : ""
            guard field == sortedBy else { return "<th scope=\"col\"\(side)>\(title)</th>" }
            let turned = visit.sameLink([
                ("ascending", order.isAscending ? "false" : "true"), ("descending", nil), ("start_key", nil),
                ("said", nil),
            ])
            let (sort, arrow) = order.isAscending ? ("ascending", "↑") : ("descending", "↓")
            let label: Markup = "\(title) <span aria-hidden=\"true\">\(arrow)</span>"
            guard order.canTurn else { return "<th scope=\"col\"\(side) aria-sort=\"\(sort)\">\(label)</th>" }
            return """
                <th scope="col"\(side) aria-sort="\(sort)"><a href="\(turned)" title="Turn the order round">\(label)</a></th>
                """
        }.joined()
    }

    /// The way to the next page, and back to the first one.
    private func paging(_ paging: Paging?) -> Markup {
        var links: Markup = ""
        if let next = paging?.next {
            let href = visit.sameLink([("start_key", next), ("said", nil)])
            links += "<p class=\"paging\"><a class=\"button quiet\" rel=\"next\" href=\"\(href)\">Next page</a></p>\n"
        }
        if paging?.start != nil {
            let first = visit.sameLink([("start_key", nil), ("said", nil)])
            links += "<p class=\"paging\">\(Markup.link("First page", first))</p>\n"
        }
        return links
    }

    // MARK: Boxes to narrow it

    private var isFiltered: Bool { visit.request.query.pairs.contains { $0.name.hasPrefix("filter_") } }

    /// The boxes, each with its label.
    private func boxes(_ table: Site.Table) -> Markup {
        let boxes = table.boxes.map { box -> Markup in
            let value = visit.request.query[box.parameter] ?? ""
            let name = box.parameter
            let control: Markup
            if let choices = choices(box) {
                let options = Markup.options([("", "Any")] + choices, chosen: value)
                control = "<select id=\"\(name)\" name=\"\(name)\">\(options)</select>"
            } else {
                control = "<input id=\"\(name)\" name=\"\(name)\" value=\"\(value)\">"
            }
            return "<p><label for=\"\(name)\">\(box.label)</label>\n\(control)\n</p>\n"
        }
        return "\(carried)\n<div class=\"boxes\">\n\(boxes.joined())</div>"
    }

    private func choices(_ box: Site.Table.Box) -> [(String, String)]? {
        switch box.choices {
        case .typed: nil
        case .fixed(let choices): choices
        case .documents(let type): visit.choices(of: type, limit: Self.choiceLimit)?.map { ($0.id, $0.name) }
        }
    }

    /// What a form that narrows the list leaves as it was.
    private var carried: Markup {
        visit.request.query.pairs
            .filter { ["accept", "auth_token", "ascending", "descending", "page_size"].contains($0.name) }
            .map { .hidden($0.name, $0.value ?? "true") }
            .joined()
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

extension [Noun] {
    /// `accounts [A, children]` without what stands behind the id.
    fileprivate var ofTheItem: [Noun] { map { Noun($0.module, Array<String>($0.arguments.prefix(1))) } }
}
