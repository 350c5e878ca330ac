//  A user's second factor: setting it up with a picture, its recovery codes, ending it.

import Gateway
import HTTPTypes
import Identity
import JSON
import PluginKit

struct FactorPage {
    let visit: Visit

    /// Whether a path is that of a user's second factor.
    static func isAbout(_ nouns: [Noun]) -> Bool {
        nouns.last?.module == "multi_factor" && nouns.contains { $0.module == "users" }
    }

    /// What answers to a call with a method: the state, what is begun, the codes.
    func page(of reply: Reply, to method: HTTPRequest.Method, reasons: [String] = []) -> Page {
        guard case .value(let bytes) = reply.content, let value = try? JSON(parsing: bytes) else {
            return .next(visit.link(visit.request.path))
        }
        switch method {
        case .put: return page(["setup": setup(value)], reasons)
        case .post:
            let codes = (value["recovery_codes"]?.array ?? []).compactMap(\.string)
            return page(["codes": ["texts": codes] as Model], reasons)
        default: return page(state(value), reasons)
        }
    }

    /// The step that was refused again, with the reason; nil if there is more to say than that.
    func page(of error: APIError, to call: Call) throws(APIError) -> Page? {
        guard case .validation(let violations) = error, let route = visit.registry.route(to: call.nouns) else {
            return nil
        }
        let reasons = ProblemPage.reasons(violations)
        var again = call
        if call.method == .post {
            again.method = .put
            // The picture is shown again, unless it is the password that was wrong.
            if let reply = try? route.handle(again) { return page(of: reply, to: .put, reasons: reasons) }
        }
        again.method = .get
        return page(of: try route.handle(again), to: .get, reasons: reasons)
    }

    private func page(_ content: Model, _ reasons: [String]) -> Page {
        var factor = content
        factor["action"] = visit.link(visit.request.path)
        factor["reasons"] = reasons
        factor["words"] = visit.formWords
        if let user, let account = visit.account {
            let document = (try? visit.kit.directory.document(user, account: account.id)).flatMap { $0 }
            // Password stores ask whose password it is.
            factor["username"] = document?["username"]?.string ?? ""
        }
        return visit.page("factor", title: "Second factor", factor)
    }

    /// Whose factor it is.
    private var user: String? { visit.request.nouns.first { $0.module == "users" }?.arguments.first }

    private func setup(_ description: JSON) -> Model {
        // The picture is the server's own, made of squares.
        let picture = Markup(trusted: description["qr_svg"]?.string ?? "")
        return ["secret": description["secret"]?.string ?? "", "picture": picture]
    }

    private func state(_ state: JSON) -> Model {
        let principal = visit.request.caller?.principal
        let isOwn = user != nil && user == principal?.userID && principal?.impersonator == nil
        guard state["enabled"]?.bool == true else { return isOwn ? ["begin": [:] as Model] : ["isOff": true] }
        let on: Model = ["codesLeft": state["recovery_codes_left"]?.int ?? 0, "isOwn": isOwn]
        return ["on": on]
    }
}
