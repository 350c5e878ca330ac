//  The question before a deletion: what goes, and what goes with it.

import DocumentStore
import Gateway
import JSON
import PluginKit

struct DeletionPage {
    /// How many of the documents that name it are told of.
    private static let limit = 50

    let visit: Visit
    let subject: Subject
    let revision: String?
    /// What it is called, if it is known.
    var name: String?
    /// Why it cannot be deleted, if that was tried.
    var reasons: [String] = []

    /// A document that others can name, and that can be restored; nil of a value at a fixed address.
    private var resource: ResourceDefinition? {
        subject.resource.flatMap { $0.singleton == nil ? $0 : nil }
    }

    func page() throws(APIError) -> Page {
        let one = Wording.inside(subject.one)
        let name = name ?? visit.nameHere ?? (resource == nil ? nil : visit.request.nouns.last?.arguments.last) ?? one
        let affected = try affected()
        let refusals = affected.filter { $0.rule == .refuse }
        var words = visit.formWords + .hidden("verb", "delete")
        if let revision { words += .hidden("if_match", revision) }
        let question: Model = [
            "name": name,
            "thing": one,
            "isRestorable": resource != nil,
            "reasons": reasons,
            "affected": affected.prefix(Self.limit).map(row),
            "isNamed": !affected.isEmpty,
            "hasMore": affected.count > Self.limit,
            "isRefused": !refusals.isEmpty,
            "action": visit.link(visit.request.path),
            "cancel": visit.link(visit.request.path),
            "words": words,
        ]
        return visit.page("deletion", title: "Delete \(name)?", question)
    }

    private func affected() throws(APIError) -> [AffectedDocument] {
        guard let resource, let id = visit.request.nouns.last?.arguments.last else { return [] }
        return try visit.service(resource.documentType).affected(byDeleting: DocumentID(id), limit: Self.limit + 1)
    }

    private func row(_ affected: AffectedDocument) -> Model {
        let kind = visit.kit.catalogue[type: affected.type].map(Wording.one) ?? affected.type
        var row: Model = ["kind": kind, "link": visit.named(affected.id, type: affected.type).link]
        row["outcome"] =
            switch affected.rule {
            case .keep: "keeps its ID, which then leads nowhere"
            case .clear: "will name it no longer"
            case .cascade: "will be deleted too"
            case .refuse: "needs it: change or delete this one first"
            }
        return row
    }
}
