//  What all pages share: where one is, where one can go, who is logged in.

import DocumentStore
import Gateway
import Identity
import JSON
import PluginKit

extension Visit {
    /// Returns a page: content under a title in the frame.
    ///
    /// - Parameters:
    ///   - template: the name of the content's template, which is filled with `content`.
    ///   - title: the heading, and the first words of the browser's title.
    func page(_ template: String, title: String, kind: String? = nil, _ content: Model) -> Page {
        var page: Model = [
            "title": title,
            "requestID": request.requestID,
            "time": Wording.time(request.time),
            "template": template,
            "content": content,
        ]
        if let kind { page["kind"] = kind }
        if let said = request.query["said"]?.split(separator: ".", maxSplits: 1), let word = said.first,
            let notice = Self.notices[String(word)]
        {
            page["notice"] = notice
            // The id of what was deleted.
            if said.count == 2, let deleted = deleted(DocumentID(String(said[1]))) { page["undo"] = deleted.href }
        }
        if let caller = request.caller { page["user"] = user(caller, crumbs: crumbs(title: title)) }
        return .html(Template.render(page))
    }

    /// What a page says of the change that led to it.
    private static let notices = [
        "saved": "Saved.", "created": "Created.", "deleted": "Deleted.", "linked": "Linked.", "unlinked": "Unlinked.",
        "restored": "Restored.", "done": "Done.",
        "sent": "If there is such a user with an email address, a letter is on its way.",
        "reset": "You are logged in. Choose a new password now.",
    ]

    /// Who is logged in, and where that person can go.
    private func user(_ caller: Caller, crumbs: Markup) -> Model {
        var who = person(caller)
        if let csrf = request.csrf {
            let words = Markup.hidden("csrf", csrf) + .hidden("verb", "delete") + .hidden("next", "/login")
            who += """

                <form method="post" action="/v2/token_auth">\(words)<button class="plain">Log out</button></form>
                """
        }
        return ["who": who, "search": search, "navigation": navigation, "crumbs": crumbs]
    }

    private func person(_ caller: Caller) -> Markup {
        guard let id = caller.principal.userID, let user = try? kit.directory.document(id, account: caller.account.id)
        else { return "<span>Logged in</span>" }
        let name = user["username"]?.string ?? Wording.name(of: .object(user.fields)) ?? id
        return .link(name, link("/v2/accounts/\(caller.account.id)/users/\(percentEncoded(id))"))
    }

    /// What one can look at, whatever the page is about.
    private var navigation: Markup {
        let here = request.nouns.count > 1 ? request.nouns[1].module : ""
        let before = Markup(near(accountPath + "/"))
        func add(_ name: String, _ title: String, _ after: Markup, to list: inout Markup) {
            list.append("<li><a href=\"")
            list += before
            list.append(text: name)
            list += after
            if name == here { list.append("\" aria-current=\"true\">") } else { list.append("\">") }
            list.append(text: title)
            list.append("</a></li>\n")
        }
        let (toList, toItem) = (Markup(fromAToZ), Markup(link("")))
        var navigation: Markup = "<ul>\n"
        for place in open(site.lists) { add(place.name, place.title, toList, to: &navigation) }
        let settings = open(site.settings)
        if !settings.isEmpty {
            navigation.append("</ul>\n<h2>Settings</h2>\n<ul>\n")
            for place in settings { add(place.name, place.title, toItem, to: &navigation) }
        }
        navigation.append("</ul>\n<ul class=\"apart\">\n")
        if deletedPath != nil { add("deleted", "Recently deleted", toItem, to: &navigation) }
        navigation.append("<li><a href=\"/docs\">Documentation</a></li>\n</ul>")
        return navigation
    }

    /// The kinds of documents that can be searched for.
    private static let searchable = ["user", "device", "callflow", "account"]

    /// The address that finds what was typed into the box: by names and numbers, an account by its name.
    var found: String? {
        guard request.nouns.last?.module == "search", let text = request.query["find"], let type = request.query["t"]
        else {
            return nil
        }
        return link(request.path, ["t": type, "q": type == "account" ? "name" : "name_and_number", "v": text])
    }

    /// The box that finds documents of the account; nothing for those who may not.
    private var search: Markup {
        guard let account, mayUse(.get, [Noun("accounts", [account.id]), Noun("search")]) else { return "" }
        let kinds = Self.searchable.compactMap { type in
            kit.catalogue[type: type].map { (type, Wording.many($0)) }
        }
        let options = Markup.options(kinds, chosen: request.query["t"] ?? "")
        let text: Markup = """
            <input type="search" name="find" value="\(request.query["v"] ?? "")" aria-label="Name or number" \
            placeholder="Name or number" required>
            """
        return """
            <form class="search" role="search" action="\(accountPath)/search">\
            <select name="t" aria-label="What to search for">\(options)</select>\(text)\
            <button class="quiet">Search</button></form>
            """
    }

    /// A step of the way to a page.
    private struct Crumb {
        let name: String
        /// Nil of what has no page.
        var path: String?
        var isList = false
    }

    /// The accounts from the caller's own down to the page's, then what lies between that and the page.
    private func crumbs(title: String) -> Markup {
        var crumbs: [Crumb] = []
        if let caller = request.caller, let account {
            let visible = (account.ancestors + [account.id]).drop { $0 != caller.account.id }
            crumbs += visible.map { id in
                Crumb(name: name(of: DocumentID(id), type: "account") ?? id, path: "/v2/accounts/\(id)")
            }
        }
        if request.nouns.first?.module == "accounts" { crumbs += crumbsWithin() }
        let current = crumbs.last?.path == request.path && !isStep ? crumbs.popLast() : nil
        var markup = crumbs.map { crumb -> Markup in
            "<li>\(Markup.link(crumb.name, crumb.path.map { crumb.isList ? listLink($0) : link($0) }))</li>\n"
        }.joined()
        let isNamed = crumbs.last?.name == title
        let here = current?.name ?? (crumbs.isEmpty || isStep && !isNamed ? title : nil)
        if let here { markup += "<li><span aria-current=\"page\">\(here)</span></li>\n" }
        return markup
    }

    /// Whether the page is a step of doing something: a form, a question, what became of it.
    private var isStep: Bool { request.query["form"] != nil || request.method.map { $0 != .get } ?? false }

    /// The lists and documents of the path behind its account.
    private func crumbsWithin() -> [Crumb] {
        var crumbs: [Crumb] = []
        var path = accountPath
        var above = Array(request.nouns.prefix(1))
        for noun in request.nouns.dropFirst() {
            path += "/" + percentEncoded(noun.module)
            above.append(Noun(noun.module))
            let list = site.subject(above)
            let title = list?.title ?? Wording.title(ofName: noun.module)
            crumbs.append(Crumb(name: title, path: list == nil ? nil : path, isList: true))
            for argument in noun.arguments {
                path += "/" + percentEncoded(argument)
                above[above.count - 1].arguments.append(argument)
                let type = list?.listed?.documentType ?? noun.module.singular
                let name = name(of: DocumentID(argument), type: type).flatMap { $0.isEmpty ? nil : $0 }
                let deleted = noun.module == "deleted" ? deleted(DocumentID(argument))?.name : nil
                let kind = name == nil ? site.subject(above).flatMap { $0.isValue ? $0.one : nil } : nil
                crumbs.append(Crumb(name: name ?? deleted ?? kind ?? argument, path: path))
            }
        }
        for argument in request.nouns.first?.arguments.dropFirst() ?? [] {
            path += "/" + percentEncoded(argument)
            crumbs.append(Crumb(name: Wording.title(ofName: argument), path: path))
        }
        return crumbs
    }
}
