//! As much of S3 as tables need, in this process: objects with conditional put, ranges, listings,
//! uploads in parts, deletion in bulk.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// The one key that is let in.
pub(crate) const ACCESS_KEY: &str = "let-me-in";
const MODIFIED: &str = "Wed, 01 Jan 2020 00:00:00 GMT";

/// A server on this machine, until the process ends.
pub(crate) struct Server {
    pub(crate) endpoint: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// By bucket and key: the bytes and what tells this version of them from others.
    objects: Mutex<BTreeMap<String, (Vec<u8>, u64)>>,
    uploads: Mutex<BTreeMap<String, BTreeMap<u32, Vec<u8>>>>,
    next: AtomicU64,
    read_only: AtomicBool,
    /// Puts that were refused because the object was there.
    refused: AtomicU64,
}

struct Request {
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

struct Response {
    status: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let state = Arc::clone(&shared);
                // A connection that breaks is of no more interest.
                std::thread::spawn(move || drop(state.serve(stream.unwrap())));
            }
        });
        Self { endpoint, state }
    }

    pub(crate) fn set_read_only(&self, read_only: bool) {
        self.state.read_only.store(read_only, Ordering::SeqCst);
    }

    /// Puts that met an object.
    pub(crate) fn refused(&self) -> u64 {
        self.state.refused.load(Ordering::SeqCst)
    }

    /// The keys of a bucket.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.state.objects.lock().unwrap().keys().cloned().collect()
    }
}

impl Request {
    fn read(stream: &mut BufReader<TcpStream>) -> Option<Self> {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let mut words = line.split_whitespace();
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body).ok()?;
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let query = query.split('&').filter(|part| !part.is_empty()).map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            // A query is encoded as a form is.
            (decoded(name), decoded(&value.replace('+', " ")))
        });
        let path = decoded(path.trim_start_matches('/'));
        Some(Self { method, path, query: query.collect(), headers, body })
    }
}

impl State {
    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut writer = stream.try_clone()?;
        let mut reader = BufReader::new(stream);
        while let Some(request) = Request::read(&mut reader) {
            let Response { status, headers, body } = self.answer(&request);
            let mut head = format!("HTTP/1.1 {status}\r\nlast-modified: {MODIFIED}\r\n");
            for (name, value) in headers {
                write!(head, "{name}: {value}\r\n").unwrap();
            }
            write!(head, "content-length: {}\r\n\r\n", body.len()).unwrap();
            writer.write_all(head.as_bytes())?;
            if request.method != "HEAD" {
                writer.write_all(&body)?;
            }
            writer.flush()?;
        }
        Ok(())
    }

    fn answer(&self, request: &Request) -> Response {
        let authorization = request.headers.get("authorization");
        if !authorization.is_some_and(|text| text.contains(&format!("{ACCESS_KEY}/"))) {
            return error("403 Forbidden", "InvalidAccessKeyId");
        }
        let writes = matches!(request.method.as_str(), "PUT" | "POST" | "DELETE");
        if writes && self.read_only.load(Ordering::SeqCst) {
            return error("403 Forbidden", "AccessDenied");
        }
        let has = |name: &str| request.query.contains_key(name);
        match request.method.as_str() {
            "GET" if has("list-type") => self.list(request),
            "GET" | "HEAD" => self.get(request),
            "PUT" if has("uploadId") => {
                let number = request.query["partNumber"].parse().unwrap();
                let mut uploads = self.uploads.lock().unwrap();
                let parts = uploads.get_mut(&request.query["uploadId"]).unwrap();
                parts.insert(number, request.body.clone());
                ok(Vec::new(), vec![("etag", format!("\"{number}\""))])
            }
            "PUT" => self.put(request, request.body.clone()),
            "POST" if has("uploads") => {
                let id = self.next.fetch_add(1, Ordering::SeqCst).to_string();
                self.uploads.lock().unwrap().insert(id.clone(), BTreeMap::new());
                let body = format!(
                    "<InitiateMultipartUploadResult><UploadId>{id}</UploadId>\
                     </InitiateMultipartUploadResult>"
                );
                ok(body.into_bytes(), Vec::new())
            }
            "POST" if has("uploadId") => {
                let parts = self.uploads.lock().unwrap().remove(&request.query["uploadId"]);
                let body = parts.unwrap().into_values().flatten().collect();
                let mut done = self.put(request, body);
                done.body = b"<CompleteMultipartUploadResult><ETag>\"x\"</ETag>\
                              </CompleteMultipartUploadResult>"
                    .to_vec();
                done
            }
            "POST" => {
                let text = String::from_utf8_lossy(&request.body);
                let mut objects = self.objects.lock().unwrap();
                for part in text.split("<Key>").skip(1) {
                    let key = unescaped(part.split("</Key>").next().unwrap());
                    objects.remove(&format!("{}/{key}", request.path.trim_end_matches('/')));
                }
                ok(b"<DeleteResult></DeleteResult>".to_vec(), Vec::new())
            }
            "DELETE" if has("uploadId") => {
                self.uploads.lock().unwrap().remove(&request.query["uploadId"]);
                ok(Vec::new(), Vec::new())
            }
            _ => {
                self.objects.lock().unwrap().remove(&request.path);
                ok(Vec::new(), Vec::new())
            }
        }
    }

    /// Looks and puts under one lock, which is what makes a put a commit.
    fn put(&self, request: &Request, body: Vec<u8>) -> Response {
        let mut objects = self.objects.lock().unwrap();
        let there = objects.contains_key(&request.path);
        if there && request.headers.get("if-none-match").is_some_and(|tag| tag == "*") {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return error("412 Precondition Failed", "PreconditionFailed");
        }
        let tag = self.next.fetch_add(1, Ordering::SeqCst);
        let body = match request.headers.get("x-amz-copy-source") {
            Some(source) => objects[&decoded(source.trim_start_matches('/'))].0.clone(),
            None => body,
        };
        objects.insert(request.path.clone(), (body, tag));
        ok(Vec::new(), vec![("etag", format!("\"{tag}\""))])
    }

    fn get(&self, request: &Request) -> Response {
        let objects = self.objects.lock().unwrap();
        let Some((bytes, tag)) = objects.get(&request.path) else {
            return error("404 Not Found", "NoSuchKey");
        };
        let tag = ("etag", format!("\"{tag}\""));
        let Some(range) = request.headers.get("range") else {
            return ok(bytes.clone(), vec![tag]);
        };
        let (from, to) = range.trim_start_matches("bytes=").split_once('-').unwrap();
        let last = bytes.len().saturating_sub(1);
        let (from, to) = match (from.parse::<usize>(), to.parse::<usize>()) {
            (Ok(from), Ok(to)) => (from, to.min(last)),
            (Ok(from), Err(_)) => (from, last),
            (Err(_), Ok(length)) => (bytes.len().saturating_sub(length), last),
            (Err(_), Err(_)) => (0, last),
        };
        let part = bytes.get(from..=to).unwrap_or_default().to_vec();
        let range = ("content-range", format!("bytes {from}-{to}/{}", bytes.len()));
        Response { status: "206 Partial Content", headers: vec![tag, range], body: part }
    }

    fn list(&self, request: &Request) -> Response {
        let text = |name: &str| request.query.get(name).cloned().unwrap_or_default();
        let (prefix, delimiter, after) = (text("prefix"), text("delimiter"), text("start-after"));
        let bucket = format!("{}/", request.path.trim_end_matches('/'));
        let mut body = "<ListBucketResult><IsTruncated>false</IsTruncated>".to_owned();
        let mut folders = std::collections::BTreeSet::new();
        for (path, (bytes, tag)) in self.objects.lock().unwrap().iter() {
            let Some(key) = path.strip_prefix(&bucket) else { continue };
            let Some(rest) = key.strip_prefix(&prefix) else { continue };
            if key <= after.as_str() {
                continue;
            }
            if let Some((folder, _)) = rest.split_once('/').filter(|_| !delimiter.is_empty()) {
                folders.insert(format!("{prefix}{folder}/"));
                continue;
            }
            write!(
                body,
                "<Contents><Key>{}</Key><LastModified>2020-01-01T00:00:00.000Z</LastModified>\
                 <ETag>\"{tag}\"</ETag><Size>{}</Size></Contents>",
                escaped(key),
                bytes.len()
            )
            .unwrap();
        }
        for folder in folders {
            let folder = escaped(&folder);
            write!(body, "<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>").unwrap();
        }
        body.push_str("</ListBucketResult>");
        ok(body.into_bytes(), Vec::new())
    }
}

fn ok(body: Vec<u8>, headers: Vec<(&'static str, String)>) -> Response {
    Response { status: "200 OK", headers, body }
}

fn error(status: &'static str, code: &str) -> Response {
    let body = format!("<Error><Code>{code}</Code><Message>{code}</Message></Error>");
    Response { status, headers: Vec::new(), body: body.into_bytes() }
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
