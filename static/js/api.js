"use strict";

/* The API's documentation. Trying a request out uses the session of this browser, or a token where one is entered. */
const place = document.getElementById("api");
const cookie = (name) => document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.split("=")[1] ?? "";

SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
  requestInterceptor: (request) => {
    if (request.method && request.method !== "GET") request.headers["X-CSRFToken"] = cookie("csrftoken");
    return request;
  },
});
