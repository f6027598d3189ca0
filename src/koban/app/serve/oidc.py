"""The client's side of OpenID Connect: Authorization Code with PKCE, and every check of what comes back."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from koban.app.serve.settings import LOOPBACK, Oidc
from koban.ledger.people import rank
from koban.ledger.schema import ROLES

KEPT_SECONDS = 3600  # discovery and keys
KEYS_AGAIN_SECONDS = 30  # how often an unknown key makes us ask again
TIMEOUT_SECONDS = 10
ANSWER_BYTES_MAX = 1024 * 1024
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


class OidcError(Exception):
    """The provider, or what came back from it, cannot be trusted or used; says why, for the log."""


@dataclass(frozen=True)
class Identity:
    """Who the provider says it is."""

    subject: str
    email: str
    email_verified: bool
    name: str
    claims: Mapping[str, Any]


class Provider:
    """One provider; shared by all requests of a process."""

    def __init__(self, settings: Oidc) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._found: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, dict[str, Any]] | None = None
        _secure(settings.issuer, "issuer")

    def address(self, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self.settings.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = self._endpoint("authorization_endpoint")
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    def identity(self, code: str, redirect_uri: str, nonce: str, verifier: str, issuer: str | None) -> Identity:
        """Trade the code of a callback for who it is; `issuer` is what the callback said (RFC 9207)."""
        if issuer is not None and issuer != self.settings.issuer:
            raise OidcError(f"the callback is of the issuer {issuer}")
        if issuer is None and self._discovery().get("authorization_response_iss_parameter_supported") is True:
            raise OidcError("the callback does not say its issuer, which this provider always does")
        answer = self._ask(
            "POST",
            self._endpoint("token_endpoint"),
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "client_id": self.settings.client_id,
                "code_verifier": verifier,
            },
            client=True,
        )
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise OidcError("the provider gave no id_token")
        claims = self.checked(token, nonce)
        claims = self._completed(claims, answer.get("access_token"))
        email = claims.get("email")
        return Identity(
            subject=str(claims["sub"]),
            email=email.strip().lower() if isinstance(email, str) else "",
            email_verified=claims.get("email_verified") in (True, "true"),
            name=str(claims.get("name") or claims.get("preferred_username") or email or claims["sub"])[:200],
            claims=claims,
        )

    def checked(self, token: str, nonce: str) -> dict[str, Any]:
        """The claims of an ID token that is ours, genuine and of now; OidcError otherwise."""
        claims = self._verified(token)
        own = self.settings
        now, skew = time.time(), own.skew_seconds
        if claims.get("iss") != own.issuer:
            raise OidcError(f"the token is of the issuer {claims.get('iss')!r}")
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if own.client_id not in audiences:
            raise OidcError(f"the token is for {audience!r}")
        if len(audiences) > 1 and claims.get("azp") is None:
            raise OidcError("the token is for several, and does not say who asked for it")
        if claims.get("azp", own.client_id) != own.client_id:
            raise OidcError(f"the token was asked for by {claims.get('azp')!r}")
        expires, issued, begins = claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)
        if not isinstance(expires, int | float) or expires + skew <= now:
            raise OidcError("the token has expired")
        if not isinstance(issued, int | float) or issued - skew > now:
            raise OidcError("the token is of the future")
        if not isinstance(begins, int | float) or begins - skew > now:
            raise OidcError("the token does not hold yet")
        if not nonce or claims.get("nonce") != nonce:
            raise OidcError("the token is not the answer to this sign-in")
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise OidcError("the token does not say whose it is")
        return claims

    def _verified(self, token: str) -> dict[str, Any]:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        for last in (False, True):
            try:
                keys = KeySet.import_key_set(self._key_set(again=last))  # type: ignore[arg-type]
                return dict(jwt.decode(token, keys, algorithms=ALGORITHMS).claims)
            except (JoseError, ValueError, KeyError, TypeError) as error:
                if last:
                    raise OidcError(f"the token is not signed by the provider: {type(error).__name__}") from error
        raise AssertionError

    def _completed(self, claims: dict[str, Any], access_token: Any) -> dict[str, Any]:
        """The claims, with those that the provider tells only at its userinfo endpoint."""
        lacking = "email" not in claims or _claim(claims, self.settings.role_claim) is None
        endpoint = self._discovery().get("userinfo_endpoint")
        if not (lacking and isinstance(endpoint, str) and isinstance(access_token, str)):
            return claims
        _secure(endpoint, "userinfo_endpoint")
        more = self._ask("GET", endpoint, headers={"Authorization": f"Bearer {access_token}"})
        if more.get("sub") != claims["sub"]:
            raise OidcError("userinfo is about somebody else")
        return more | claims

    def _discovery(self) -> dict[str, Any]:
        with self._lock:
            if self._found is not None and time.monotonic() - self._found[0] < KEPT_SECONDS:
                return self._found[1]
            found = self._ask("GET", f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self.settings.issuer:
                raise OidcError(f"the provider calls itself {found.get('issuer')!r}, not {self.settings.issuer!r}")
            self._found = (time.monotonic(), found)
            return found

    def _key_set(self, again: bool) -> dict[str, Any]:
        address = self._endpoint("jwks_uri")
        with self._lock:
            age = None if self._keys is None else time.monotonic() - self._keys[0]
            if self._keys is not None and age is not None and age < (KEYS_AGAIN_SECONDS if again else KEPT_SECONDS):
                return self._keys[1]
            self._keys = (time.monotonic(), self._ask("GET", address))
            return self._keys[1]

    def _endpoint(self, name: str) -> str:
        endpoint = self._discovery().get(name)
        if not isinstance(endpoint, str):
            raise OidcError(f"the provider does not say its {name}")
        _secure(endpoint, name)
        return endpoint

    def _ask(self, method: str, address: str, *, client: bool = False, **options: Any) -> dict[str, Any]:
        """A JSON object from the provider.  Redirections are not followed: nobody else may answer for it."""
        import httpx

        if client and self.settings.client_secret:
            ways = self._discovery().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
            if "client_secret_basic" in ways:
                options["auth"] = (_quoted(self.settings.client_id), _quoted(self.settings.client_secret))
            else:
                options["data"] = options["data"] | {"client_secret": self.settings.client_secret}
        try:
            with (
                httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as http,
                http.stream(method, address, **options) as answer,
            ):
                body = bytearray()
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > ANSWER_BYTES_MAX:
                        raise OidcError(f"{_place(address)} answers with too much")
                if answer.status_code != 200:
                    raise OidcError(f"{_place(address)} answers {answer.status_code}{_reason(bytes(body))}")
            import json

            said = json.loads(body)
        except httpx.HTTPError as error:
            raise OidcError(f"{_place(address)} cannot be reached: {type(error).__name__}") from error
        except ValueError as error:
            raise OidcError(f"{_place(address)} does not answer with JSON") from error
        if not isinstance(said, dict):
            raise OidcError(f"{_place(address)} does not answer with an object")
        return said


def role_for(settings: Oidc, claims: Mapping[str, Any]) -> str | None:
    """The highest role that the claim gives; `default_role` if it gives none."""
    value = _claim(claims, settings.role_claim)
    values: Iterable[Any] = value if isinstance(value, list) else [value]
    given = [settings.roles[one] for one in values if isinstance(one, str) and one in settings.roles]
    return max(given, key=rank, default=settings.default_role)


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found


def _secure(address: str, what: str) -> None:
    """Refuse what would send codes and tokens over the network in the clear."""
    said = urlsplit(address)
    if said.scheme != "https" and not (said.scheme == "http" and said.hostname in LOOPBACK):
        raise OidcError(f"{what} has to be https (or on this machine): {address}")


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


def _place(address: str) -> str:
    said = urlsplit(address)
    return f"{said.scheme}://{said.netloc}{said.path}"


def _reason(body: bytes) -> str:
    """`error` of an OAuth answer, never its description: it may repeat what was sent."""
    import json

    try:
        error = json.loads(body).get("error")
    except (ValueError, AttributeError):
        return ""
    return f" ({error[:60]})" if isinstance(error, str) else ""


def oidc_from(values: Mapping[str, Any]) -> Oidc:
    """Settings out of a file or the environment; OidcError says what is wrong with them."""
    known = {"issuer", "client_id", "client_secret", "name", "scopes", "role_claim", "roles", "default_role"}
    if unknown := sorted(set(values) - known):
        raise OidcError(f"unknown setting of OpenID Connect: {unknown[0]}")
    if not values.get("issuer") or not values.get("client_id"):
        raise OidcError("OpenID Connect needs an issuer and a client_id")
    made = dict(values)
    scopes = made.get("scopes", Oidc.scopes)
    made["scopes"] = tuple(scopes.split() if isinstance(scopes, str) else scopes)
    if "openid" not in made["scopes"]:
        raise OidcError("scopes have to hold openid")
    roles = made.get("roles") or {}
    if not isinstance(roles, Mapping):
        raise OidcError("roles of OpenID Connect: expected value: role")
    made["roles"] = {str(value): str(role) for value, role in roles.items()}
    for role in [*made["roles"].values(), made.get("default_role")]:
        if role is not None and role not in ROLES:
            raise OidcError(f"there is no role {role!r}: {', '.join(ROLES)}")
    _secure(str(made["issuer"]), "issuer")
    return Oidc(**made)
