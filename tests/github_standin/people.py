"""What people do on GitHub, for tests to tell a story with: push, answer, resolve, comment, close."""

from __future__ import annotations

from github_standin.anchors import Place, merge_base, placed, standing
from github_standin.ground import Ground
from github_standin.repository import Files
from github_standin.world import IssueComment, PullRequest, Review, ReviewComment, Thread


class People(Ground):
    """Mixed into the hub. Where no pull request is named, the first one is meant."""

    # -- pull requests and pushes ---------------------------------------------------------------------------------------

    def open_pull(
        self,
        base: Files,
        head: Files,
        *,
        author: str = "alice",
        role: str = "write",
        fork: bool = False,
        draft: bool = False,
        title: str = "A change",
    ) -> PullRequest:
        """A pull request: `base` are the files of main, `head` what changes (None removes a file). A fork's author may nothing."""
        if "main" not in self.world.refs:
            self.world.refs["main"] = self.git.commit(base, (), "base")
        self.world.roles.setdefault(author, "read" if fork else role)
        tip = self.world.refs["main"]
        return self.adopt(self.git.commit(head, (tip,), title), author=author, fork=fork, draft=draft, title=title)

    def adopt(
        self,
        head: str,
        *,
        base_ref: str = "main",
        base: str = "",
        author: str = "alice",
        fork: bool = False,
        draft: bool = False,
        title: str = "A change",
    ) -> PullRequest:
        """A pull request of commits that are there already (of a real repository); `base` sets the base branch."""
        if base:
            self.world.refs[base_ref] = base
        self.world.roles.setdefault(author, "read" if fork else "write")
        number = len(self.world.pulls) + 1
        ref = f"change-{number}"
        pull = PullRequest(number, author, base_ref, ref, self.world.refs[base_ref], head, title, draft=draft, fork=fork)
        pull.commits.append(head)
        self.world.pulls[number] = pull
        if not fork:
            self.world.refs[ref] = head
        return pull

    @property
    def pull(self) -> PullRequest:
        """The first pull request."""
        return next(iter(self.world.pulls.values()))

    def push(self, files: Files, pull: PullRequest | None = None) -> str:
        """A further commit; its name."""
        pull = pull or self.pull
        return self.move(self.git.commit(files, (pull.head,), f"push {len(pull.commits)}"), pull)

    def force_push(self, files: Files, pull: PullRequest | None = None) -> str:
        """The head replaced by one commit on its merge base: what it had and what is given, without its history."""
        pull = pull or self.pull
        start = merge_base(self, pull, pull.head)
        return self.move(self.git.commit({**self._difference(start, pull.head), **files}, (start,), "force push"), pull)

    def rebase(self, files: Files | None = None, pull: PullRequest | None = None) -> str:
        """The head's changes put onto the newest base."""
        pull = pull or self.pull
        changed = self._difference(merge_base(self, pull, pull.head), pull.head)
        tip = self.world.refs[pull.base_ref]
        return self.move(self.git.commit({**changed, **(files or {})}, (tip,), "rebased"), pull)

    def push_base(self, files: Files, ref: str = "main") -> str:
        """A commit on a base branch; pull requests keep their recorded base until they are pushed to."""
        self.world.refs[ref] = self.git.commit(files, (self.world.refs[ref],), "on the base")
        return self.world.refs[ref]

    def merge_base_in(self, pull: PullRequest | None = None) -> str:
        """The base branch merged into the head (Update branch)."""
        pull = pull or self.pull
        tip = self.world.refs[pull.base_ref]
        arrived = self._difference(merge_base(self, pull, pull.head), tip)
        return self.move(self.git.commit(arrived, (pull.head, tip), "merge"), pull)

    def _difference(self, old: str, new: str) -> Files:
        before, after = self.git.tree(old), self.git.tree(new)
        changed = {path: self.git.blob(entry.blob) for path, entry in after.items() if before.get(path) != entry}
        return {**dict.fromkeys(before.keys() - after.keys()), **changed}

    def move(self, head: str, pull: PullRequest | None = None) -> str:
        """The head set to a commit that is there."""
        pull = pull or self.pull
        pull.head, pull.base = head, self.world.refs[pull.base_ref]
        pull.commits.append(head)
        if not pull.fork:
            self.world.refs[pull.head_ref] = head
        return head

    def retarget(self, ref: str, pull: PullRequest | None = None) -> None:
        """Another base branch (made at the merge base if it is not there)."""
        pull = pull or self.pull
        self.world.refs.setdefault(ref, merge_base(self, pull, pull.head))
        pull.base_ref, pull.base = ref, self.world.refs[ref]

    def close(self, pull: PullRequest | None = None, *, merged: bool = False) -> None:
        """The pull request closed, or merged."""
        pull = pull or self.pull
        pull.state, pull.merged = "closed", merged

    def reopen(self, pull: PullRequest | None = None) -> None:
        """The pull request open again."""
        (pull or self.pull).state = "open"

    def convert(self, *, draft: bool, pull: PullRequest | None = None) -> None:
        """Made a draft, or ready for review."""
        (pull or self.pull).draft = draft

    # -- words ----------------------------------------------------------------------------------------------------------

    def comment(self, user: str, text: str, pull: PullRequest | None = None) -> IssueComment:
        """Somebody's comment on the pull request as a whole."""
        return self.new_issue_comment(pull or self.pull, user, text)

    def reply(self, thread: Thread, user: str, text: str) -> ReviewComment:
        """Somebody's reply in a thread."""
        review = self.new_review(self.world.pulls[thread.pull], user, "", "COMMENTED", self.world.pulls[thread.pull].head)
        return self.new_reply(thread, user, text, review.id)

    def remark_on(self, path: str, line: int, user: str, text: str, pull: PullRequest | None = None) -> Thread:
        """Somebody's comment on a line of the diff."""
        pull = pull or self.pull
        place = placed(self, pull, pull.head, {"path": path, "line": line})
        assert isinstance(place, Place), place
        review = self.new_review(pull, user, "", "COMMENTED", pull.head)
        return self.new_thread(pull, pull.head, place, user, text, review.id)

    def resolve(self, thread: Thread, user: str) -> None:
        """Somebody resolves a thread."""
        thread.resolved_by = user

    def delete(self, comment: ReviewComment | IssueComment) -> None:
        """Somebody deletes a comment. A thread without comments is none any more."""
        self.world.issue_comments[:] = [one for one in self.world.issue_comments if one is not comment]
        for thread in self.world.threads:
            thread.comments[:] = [one for one in thread.comments if one is not comment]
        self.world.threads[:] = [thread for thread in self.world.threads if thread.comments]

    def unresolve(self, thread: Thread) -> None:
        """Somebody opens a thread again."""
        thread.resolved_by = None

    def open_threads(self, author: str = "", pull: PullRequest | None = None) -> list[Thread]:
        """Threads that nobody resolved, whose first comment is by an account (any, if none is named)."""
        threads = self.world.threads_of((pull or self.pull).number)
        return [thread for thread in threads if not thread.resolved and author in ("", thread.comments[0].author)]

    def line_of(self, thread: Thread) -> int | None:
        """The line that a thread stands on in the newest head; None if it is outdated."""
        return standing(self, thread).line

    # -- what calls and people make -------------------------------------------------------------------------------------

    def new_review(self, pull: PullRequest, author: str, body: str, state: str, commit: str) -> Review:
        """A review."""
        number = self.world.next_id()
        review = Review(number, f"PRR_{number}", pull.number, author, body, state, commit, self.stamp())
        self.world.account(author)
        self.world.reviews.append(review)
        return review

    def new_thread(self, pull: PullRequest, commit: str, place: Place, author: str, body: str, review: int) -> Thread:
        """A thread with its first comment."""
        thread = Thread(
            f"PRRT_{self.world.next_id()}",
            pull.number,
            place.path,
            commit,
            merge_base(self, pull, commit),
            place.line,
            place.side,
            place.start_line,
            place.start_side,
            place.hunk,
        )
        self.world.threads.append(thread)
        self.new_reply(thread, author, body, review)
        return thread

    def new_reply(self, thread: Thread, author: str, body: str, review: int) -> ReviewComment:
        """A further comment in a thread."""
        number, now = self.world.next_id(), self.stamp()
        self.world.account(author)
        comment = ReviewComment(number, f"PRRC_{number}", thread.node_id, review, author, body, now, now)
        thread.comments.append(comment)
        return comment

    def new_issue_comment(self, pull: PullRequest, author: str, body: str) -> IssueComment:
        """A comment on the pull request as a whole."""
        number, now = self.world.next_id(), self.stamp()
        self.world.account(author)
        comment = IssueComment(number, f"IC_{number}", pull.number, author, body, now, now)
        self.world.issue_comments.append(comment)
        return comment

    def find_comment(self, number: int) -> tuple[Thread, ReviewComment] | None:
        """A comment on a line, with its thread."""
        for thread in self.world.threads:
            for comment in thread.comments:
                if comment.id == number:
                    return thread, comment
        return None

    # -- git ------------------------------------------------------------------------------------------------------------

    def commit_of(self, name: str) -> str | None:
        """The commit that a name means: a branch (of a fork: `owner:branch`), a pull request's ref, a commit."""
        plain = name.removeprefix("refs/").removeprefix("heads/").rpartition(":")[2]
        if plain in self.world.refs:
            return self.world.refs[plain]
        for pull in self.world.pulls.values():
            if name == f"{pull.author}:{pull.head_ref}":
                return pull.head
        words = plain.split("/")
        if len(words) == 3 and words[0] == "pull" and words[1].isdigit() and int(words[1]) in self.world.pulls:
            return self.world.pulls[int(words[1])].head
        return plain if len(plain) == 40 and self.git.has(plain) else None

    def distance(self, start: str, end: str) -> int:
        """How many commits lead from one that is before to another."""
        pending, seen = [end], {start}
        while pending:
            current = pending.pop()
            if current not in seen:
                seen.add(current)
                pending.extend(self.git.parents(current))
        return len(seen) - 1
