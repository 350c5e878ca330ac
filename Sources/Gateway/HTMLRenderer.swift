//  Replies and errors as pages for a person with a browser.

import HTTPTypes
import JSON
import Mustache

enum HTMLRenderer {
    /// Pages need one stylesheet of ours and nothing else.
    static let contentSecurityPolicy =
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    /// - Throws: `.rangeNotSatisfiable` if the list is too long for one page.
    static func page(_ reply: Reply, _ exchange: Exchange) throws(APIError) -> [UInt8] {
        var page = frame(exchange, title: exchange.nouns.last?.module ?? "Jackfield")
        switch reply.content {
        case .none, .file: break
        case .stream: throw .rangeNotSatisfiable
        case .rows(let rows): page["table"] = table(rows.map(parsed), reply.paging, exchange)
        case .value(let bytes):
            let value = parsed(bytes)
            page["title"] = value["name"]?.string ?? value["username"]?.string ?? page["title"]
            page["fields"] = ["entries": entries(value)]
        }
        return render(page)
    }

    static func page(_ error: APIError, _ exchange: Exchange) -> [UInt8] {
        var page = frame(exchange, title: error.status.reasonPhrase)
        var problem: [String: Any] = ["status": String(error.status.code)]
        if case .validation(let violations) = error {
            problem["sentence"] = "The data breaks some rules; nothing was stored."
            page["fields"] = ["entries": entries(violations)]
        } else {
            problem["sentence"] = error.data["message"]?.string ?? error.message
        }
        if let hint = hint(error) { problem["hint"] = hint }
        page["problem"] = problem
        return render(page)
    }

    /// What to do next.
    private static func hint(_ error: APIError) -> String? {
        switch error {
        case .invalidCredentials, .expiredToken:
            "Log in again, and send the token as X-Auth-Token or as auth_token in the query."
        case .forbidden: "Ask an administrator of the account for the right to do this."
        case .notFound, .badIdentifier: "It may have been deleted. The path above leads back to the list."
        case .conflict, .preconditionFailed: "Somebody else changed the document. Read it again, then change it."
        default: nil
        }
    }

    private static func frame(_ exchange: Exchange, title: String) -> [String: Any] {
        [
            "title": title,
            "crumbs": crumbs(exchange),
            "requestID": exchange.requestID,
            "time": timestamp(exchange.time),
        ]
    }

    /// The path, each part a link but the last.
    private static func crumbs(_ exchange: Exchange) -> [[String: Any]] {
        var href = "/v2"
        var crumbs: [[String: Any]] = []
        for word in exchange.nouns.flatMap({ [$0.module] + $0.arguments }) {
            href += "/" + percentEncoded(word)
            crumbs.append(["name": word, "href": link(href, exchange)])
        }
        if let last = crumbs.indices.last {
            crumbs[last]["href"] = nil
            crumbs[last]["isCurrent"] = true
        }
        // There is no list of all accounts.
        if exchange.nouns.first?.module == "accounts" { crumbs[0]["href"] = nil }
        return crumbs
    }

    private static func table(_ rows: [JSON], _ paging: Paging?, _ exchange: Exchange) -> [String: Any] {
        var columns: [String] = []
        for row in rows { for name in row.object?.keys ?? [] where !columns.contains(name) { columns.append(name) } }
        let lines = rows.map { row in
            ["cells": columns.map { cell(row, $0, exchange) }]
        }
        var table: [String: Any] = ["columns": columns, "rows": lines, "isEmpty": rows.isEmpty]
        table["csv"] = sameList(exchange, ["accept": "text/csv"])
        if let next = paging?.next { table["next"] = sameList(exchange, ["start_key": next]) }
        return table
    }

    private static func cell(_ row: JSON, _ column: String, _ exchange: Exchange) -> [String: Any] {
        let text = row[column].map(readable) ?? ""
        guard column == "id", !text.isEmpty else { return ["text": text] }
        return ["text": text, "href": link(exchange.path + "/" + percentEncoded(text), exchange)]
    }

    /// The fields of a value, nested ones under their dotted names.
    private static func entries(_ value: JSON, name: String = "") -> [[String: Any]] {
        guard case .object(let members) = value, !members.isEmpty else {
            return name.isEmpty ? [] : [["name": name, "text": readable(value)]]
        }
        return members.flatMap { entries($0.value, name: name.isEmpty ? $0.key : "\(name).\($0.key)") }
    }

    private static func readable(_ value: JSON) -> String {
        switch value {
        case .bool(let flag): flag ? "yes" : "no"
        case .null: ""
        case .array(let elements): elements.map(readable).joined(separator: ", ")
        case .object: value.text()
        case .number, .string: value.controlText ?? ""
        }
    }

    /// A path of ours with the words that a browser without header fields has to repeat.
    private static func link(_ path: String, _ exchange: Exchange) -> String {
        linked(path, exchange.query.pairs.filter { $0.name == "accept" || $0.name == "auth_token" })
    }

    /// The same list with other words in the query.
    private static func sameList(_ exchange: Exchange, _ changes: [String: String]) -> String {
        let kept = exchange.query.pairs.filter { changes[$0.name] == nil }
        return linked(exchange.path, kept + changes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }

    private static func linked(_ path: String, _ words: [(name: String, value: String?)]) -> String {
        guard !words.isEmpty else { return path }
        let pairs = words.map { word in
            percentEncoded(word.name) + (word.value.map { "=" + percentEncoded($0) } ?? "")
        }
        return path + "?" + pairs.joined(separator: "&")
    }

    private static func parsed(_ bytes: [UInt8]) -> JSON { (try? JSON(parsing: bytes)) ?? .null }

    private static func render(_ page: [String: Any]) -> [UInt8] {
        Array(template.render(page).utf8)
    }

    /// A template that does not compile is a mistake of ours, which the first test of a page shows.
    private static let template: MustacheTemplate = {
        MustacheContentTypes.register(HTMLText(), named: "HTML-BY-SCALAR")
        let text = String(decoding: PackageResources.page_mustache, as: UTF8.self)
        guard let template = try? MustacheTemplate(string: text) else {
            preconditionFailure("page.mustache is malformed")
        }
        return template
    }()
}

/// Text in HTML, escaped scalar by scalar: what a character looks like to a person does not matter to a browser, and a
/// mark that joins with a `<` leaves it a `<`.
struct HTMLText: MustacheContentType {
    func escapeText(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
