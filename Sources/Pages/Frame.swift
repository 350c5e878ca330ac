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
            "crumbs": crumbs(title: title),
            "requestID": request.requestID,
            "time": Wording.time(request.time),
            template: content,
        ]
        if let kind { page["kind"] = kind }
        if let said = request.query["said"]?.split(separator: ".", maxSplits: 1), let word = said.first,
            let notice = Self.notices[String(word)]
        {
            page["notice"] = notice
            // The id of what was deleted.
            if said.count == 2, let deleted = deleted(DocumentID(String(said[1]))) { page["undo"] = deleted["href"] }
        }
        if let caller = request.caller {
            page["user"] = user(caller)
            page["navigation"] = navigation
            let settings = settings.map { entry($0, href: link("\(accountPath)/\($0.name)"), name: Wording.one($0)) }
            page["hasSettings"] = !settings.isEmpty
            page["settings"] = settings
            if let search { page["search"] = search }
            if let deletedPath {
                let isHere = DeletedPage.isAbout(request.nouns)
                page["deletedPath"] = ["href": link(deletedPath), "isCurrent": isHere] as Model
            }
        }
        return .html(Template.render(page))
    }

    /// What a page says of the change that led to it.
    private static let notices = [
        "saved": "Saved.", "created": "Created.", "deleted": "Deleted.", "linked": "Linked.", "unlinked": "Unlinked.",
        "restored": "Restored.", "done": "Done.",
        "sent": "If there is such a user with an email address, a letter is on its way.",
        "reset": "You are logged in. Choose a new password now.",
    ]

    private func user(_ caller: Caller) -> Model {
        var user: Model = ["name": "Logged in"]
        if let id = caller.principal.userID, let person = try? kit.directory.document(id, account: caller.account.id) {
            user["name"] = person["username"]?.string ?? Wording.name(of: .object(person.fields)) ?? id
            user["href"] = link("/v2/accounts/\(caller.account.id)/users/\(percentEncoded(id))")
        }
        if let csrf = request.csrf { user["csrf"] = csrf }
        return user
    }

    private var navigation: [Model] {
        resources.map { entry($0, href: listLink("\(accountPath)/\($0.name)"), name: title($0)) }
    }

    /// A resource of the account, marked if the page is about it.
    private func entry(_ resource: ResourceDefinition, href: String, name: String) -> Model {
        ["name": name, "href": href, "isCurrent": request.nouns.dropFirst().first?.module == resource.name]
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

    private var search: Model? {
        guard let account, mayUse(.get, [Noun("accounts", [account.id]), Noun("search")]) else { return nil }
        let kinds = Self.searchable.compactMap { type -> Model? in
            guard let resource = kit.catalogue[type: type] else { return nil }
            return ["value": type, "name": Wording.many(resource), "isChosen": request.query["t"] == type]
        }
        return ["action": "\(accountPath)/search", "value": request.query["v"] ?? "", "kinds": kinds]
    }

    /// The accounts from the caller's own down to the page's, then what lies between that and the page.
    private func crumbs(title: String) -> [Model] {
        var crumbs: [Model] = []
        if let caller = request.caller, let account {
            let visible = (account.ancestors + [account.id]).drop { $0 != caller.account.id }
            for id in visible {
                crumbs.append([
                    "name": name(of: DocumentID(id), type: "account") ?? id,
                    "href": link("/v2/accounts/\(id)"),
                ])
            }
        }
        if request.nouns.first?.module == "accounts" { crumbs += crumbsWithin() }
        if crumbs.last?["href"] as? String == link(request.path) || crumbs.last?["path"] as? String == request.path {
            crumbs[crumbs.count - 1]["isCurrent"] = !isStep
        }
        let isNamed = crumbs.last?["name"] as? String == title
        if crumbs.isEmpty || isStep && !isNamed { crumbs.append(["name": title, "isCurrent": true]) }
        return crumbs
    }

    /// Whether the page is a step of doing something: a form, a question, what became of it.
    private var isStep: Bool { request.query["form"] != nil || request.method.map { $0 != .get } ?? false }

    /// The lists and documents of the path behind its account.
    private func crumbsWithin() -> [Model] {
        var crumbs: [Model] = []
        var path = accountPath
        var above = Array(request.nouns.prefix(1))
        for noun in request.nouns.dropFirst() {
            path += "/" + percentEncoded(noun.module)
            above.append(Noun(noun.module))
            let resource = kit.catalogue.all.first { "/v2" + $0.collectionPath == path.templated(accountPath) }
            let title = resource.map(Wording.many) ?? Wording.title(ofName: noun.module)
            let hasPage = registry.route(to: above) != nil
            crumbs.append(hasPage ? ["name": title, "href": listLink(path), "path": path] : ["name": title])
            for argument in noun.arguments {
                path += "/" + percentEncoded(argument)
                above[above.count - 1].arguments.append(argument)
                let type = resource?.documentType ?? noun.module.singular
                let name = name(of: DocumentID(argument), type: type).flatMap { $0.isEmpty ? nil : $0 }
                let deleted = noun.module == "deleted" ? deleted(DocumentID(argument))?["name"] as? String : nil
                let kind = Subject(above, kit, registry).flatMap {
                    $0.resource == nil && $0.shape != nil ? $0.one : nil
                }
                crumbs.append(["name": name ?? deleted ?? kind ?? argument, "href": link(path), "path": path])
            }
        }
        for argument in request.nouns.first?.arguments.dropFirst() ?? [] {
            path += "/" + percentEncoded(argument)
            crumbs.append(["name": Wording.title(ofName: argument), "href": link(path), "path": path])
        }
        return crumbs
    }
}

extension String {
    /// A path below an account as the template that a resource declares.
    fileprivate func templated(_ accountPath: String) -> String {
        "/v2/accounts/{account}" + dropFirst(accountPath.count)
    }
}
