"""Lets handlers of custom resources answer their stack who speak TLS to the link that they are given (`ResponseURL`).

On AWS such links are https, and some handlers (those of crhelper) take of them host and path alone. Here a link may lead to
Regente without TLS. So a request of `http.client.HTTPSConnection` whose path is that of such a link
(services/cloudformation/link.ts) goes to the endpoint that the function was given. No other request is touched.
"""

import http.client
import urllib.parse

PATH = "/_regente/cloudformation/"


def lead_links_to(endpoint):
    """Before the handler is loaded. Of an endpoint with TLS the links need no help."""
    place = urllib.parse.urlsplit(endpoint)
    if place.scheme != "http":
        return
    secure = http.client.HTTPSConnection
    put_request, connect = secure.putrequest, secure.connect

    def putrequest(self, method, url, *rest, **named):
        self._is_link = isinstance(url, str) and url.startswith(PATH)
        if self._is_link and self.sock is None:
            self.host, self.port = place.hostname, place.port or 80
        return put_request(self, method, url, *rest, **named)

    def connect_anywhere(self):
        if getattr(self, "_is_link", False):
            http.client.HTTPConnection.connect(self)
        else:
            connect(self)

    secure.putrequest, secure.connect = putrequest, connect_anywhere
