//  What a person is told when something did not work, and what to do then.

import DocumentStore
import Gateway
import JSON
import PluginKit

struct ProblemPage {
    let visit: Visit
    let error: APIError

    func page() -> Page {
        var problem: Model = [
            "status": String(error.status.code),
            "sentence": sentence,
            "advice": advice,
            "reasons": reasons,
            "hasReasons": !reasons.isEmpty,
            "actions": actions.map { ["name": $0.0, "href": $0.1] as Model },
        ]
        if let subject = beginning {
            problem["beginning"] =
                ["text": subject.shape?.text ?? "", "href": visit.link(visit.request.path, ["form": "new"])] as Model
            return visit.page("problem", title: subject.one, problem)
        }
        return visit.page("problem", title: title, problem)
    }

    private var title: String {
        switch error {
        case .notFound, .badIdentifier, .malformedAccountID, .missingAccountID: "There is nothing here"
        case .forbidden: "You may not do this"
        case .validation: "Nothing was changed"
        case .conflict, .preconditionFailed: "Somebody else was faster"
        case .tooManyRequests: "Too many requests"
        case .internalFault, .accountHasDescendants: "Something went wrong"
        case .diskFull, .storeUnavailable: "Nothing can be stored at the moment"
        default: error.status.reasonPhrase
        }
    }

    private var sentence: String {
        switch error {
        case .notFound: "No page has this address."
        case .badIdentifier(let id): "There is nothing with the ID “\(id)” here. It may have been deleted."
        case .malformedAccountID(let id): "“\(id)” is not the ID of an account."
        case .missingAccountID: "The address names no account."
        case .forbidden: "Your account or your role does not allow it."
        case .validation: "What was asked for breaks a rule:"
        case .conflict, .preconditionFailed:
            "The document was changed since you looked at it. Nothing of yours was stored."
        case .tooManyRequests(let seconds): "The server asks you to wait \(seconds) seconds and then try again."
        case .internalFault: "It is the server's fault, not yours. Nothing was changed."
        case .accountHasDescendants: "The account has accounts below it."
        case .diskFull: "The server's disk is full. Nothing was stored."
        case .storeUnavailable: "The server accepts no changes at the moment. Nothing was stored."
        case .methodNotAllowed: "This cannot be done here."
        case .rangeNotSatisfiable: "The list is too long for one page."
        default: (error.data["message"]?.string ?? error.message).sentence
        }
    }

    /// What to do next.
    private var advice: String {
        switch error {
        case .forbidden: "Ask an administrator of the account to do it, or for the right to."
        case .notFound, .badIdentifier, .malformedAccountID, .missingAccountID:
            "Follow the path above back to a list, or begin at the start page."
        case .conflict, .preconditionFailed: "Look at it again, then make your change."
        case .internalFault: "Try again. If it happens again, tell the operator the request's number below."
        case .accountHasDescendants: "Delete those first."
        case .diskFull, .storeUnavailable: "Tell the operator; your data is safe."
        case .rangeNotSatisfiable: "Look at it page by page, or take it as CSV."
        case .validation: "Go back, and change what it names."
        default: ""
        }
    }

    private var reasons: [String] {
        guard case .validation(let violations) = error else { return [] }
        return Self.reasons(violations)
    }

    /// The sentences of all violations.
    static func reasons(_ violations: JSON) -> [String] {
        (violations.object ?? [:]).flatMap { path, rules in
            (rules.object ?? [:]).compactMap { $0.value["message"]?.string }
        }
    }

    /// What is missing, if it is only that nobody set it yet, and the caller may.
    private var beginning: Subject? {
        guard case .badIdentifier = error, visit.request.method == .get, let subject = visit.subject,
            visit.mayBegin(subject)
        else { return nil }
        return subject
    }

    private var actions: [(String, String)] {
        var actions: [(String, String)] = []
        if let call = visit.request.call, call.method != .get {
            actions.append(("Back", visit.ownNext ?? visit.link(visit.request.path)))
        } else if case .badIdentifier(let id) = error, let list = visit.parentPath {
            if let href = visit.deleted(DocumentID(id))?.href {
                actions.append(("It was deleted: restore it…", href))
            }
            actions.append(("Back to the list", visit.listLink(list)))
        }
        return actions + [("Start page", visit.link("/"))]
    }
}

extension String {
    /// Words of the wire as a sentence.
    fileprivate var sentence: String {
        let text = prefix(1).uppercased() + dropFirst().replacing("_", with: " ")
        return text.hasSuffix(".") ? text : text + "."
    }
}
