//! A peer that uses rs-hestia as its users do: it registers, lists, picks, watches and calls.
//! Its commands are those of the Go peer, ../go/main.go.
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BufMut};
use rs_hestia::{Context, Discovery, ProtocolType, Registry, Service, consul, etcd};
use tokio::signal::unix::{SignalKind, signal};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::Channel;
use tonic::{Request, Status};

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [kind, endpoint, "register", name, version, address, id] => {
            register(kind, endpoint, name, version, address, id).await
        }
        [kind, endpoint, "list", name, version] => {
            let discovery = discovery(kind, endpoint, false).await?;
            for s in discovery.get_services(&Context::new(), name, version).await? {
                println!("{} {} {} {}", s.instance_id, s.address, s.version, s.weight);
            }
            Ok(())
        }
        [kind, endpoint, "pick", name, version, count] => {
            let discovery = discovery(kind, endpoint, false).await?;
            for _ in 0..count.parse::<u32>()? {
                println!("{}", discovery.get(&Context::new(), name, version, None).await?.address);
            }
            Ok(())
        }
        [kind, endpoint, "watch", name, version] => watch(kind, endpoint, name, version).await,
        [kind, endpoint, "call", target, count] => call(kind, endpoint, target, count.parse()?).await,
        _ => Err("usage: see ../go/main.go".into()),
    }
}

async fn register(
    kind: &str,
    endpoint: &str,
    name: &str,
    version: &str,
    address: &str,
    id: &str,
) -> Result<(), Failure> {
    let mut told = signal(SignalKind::terminate())?;
    let endpoints = vec![endpoint.to_string()];
    let registry: Arc<dyn Registry> = match kind {
        "etcd" => etcd::new_registry(etcd::Options::new(endpoints)).await?,
        _ => consul::new_registry(consul::Options::new(endpoints)).await?,
    };
    let mut service = Service {
        network: "tcp".into(),
        name: name.into(),
        version: version.into(),
        address: address.into(),
        instance_id: id.into(),
        protocol: ProtocolType::Grpc,
        ..Service::default()
    };
    service.metadata.insert("from".into(), serde_json::Value::from("rs-hestia"));
    registry.register(&Context::new(), &mut service).await?;
    println!("registered");
    told.recv().await;
    registry.deregister(&Context::new(), &mut service).await?;
    println!("deregistered");
    Ok(())
}

async fn discovery(kind: &str, endpoint: &str, watched: bool) -> Result<Arc<dyn Discovery>, Failure> {
    let endpoints = vec![endpoint.to_string()];
    if kind == "etcd" {
        let options = etcd::Options::new(endpoints);
        let options = if watched { options.with_enable_watched() } else { options };
        return Ok(etcd::new_discovery(options).await?);
    }
    let options =
        consul::Options::new(endpoints).with_watch_interval(Duration::from_millis(200));
    let options = if watched { options.with_enable_watch() } else { options };
    Ok(consul::new_discovery(options).await?)
}

async fn watch(kind: &str, endpoint: &str, name: &str, version: &str) -> Result<(), Failure> {
    let mut told = signal(SignalKind::terminate())?;
    let discovery = discovery(kind, endpoint, true).await?;
    let mut last = String::new();
    loop {
        // None is an error of rs-hestia's.
        let found = discovery.get_services(&Context::new(), name, version).await.unwrap_or_default();
        let mut ids: Vec<String> = found.into_iter().map(|s| s.instance_id).collect();
        ids.sort();
        let now = format!("[{}]", ids.join(" "));
        if now != last {
            println!("{now}");
            last = now;
        }
        tokio::select! {
            _ = told.recv() => return Ok(()),
            _ = tokio::time::sleep(Duration::from_millis(50)) => {}
        }
    }
}

/// Messages as they are on the wire.
#[derive(Default, Clone)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Raw;
    type Decoder = Raw;
    fn encoder(&mut self) -> Raw {
        Raw
    }
    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;
    fn encode(&mut self, item: Vec<u8>, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;
    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut item = vec![0; from.remaining()];
        from.copy_to_slice(&mut item);
        Ok(Some(item))
    }
}

async fn call(kind: &str, endpoint: &str, target: &str, count: u32) -> Result<(), Failure> {
    let discovery = discovery(kind, endpoint, true).await?;
    let target = format!("{kind}:///{target}");
    let channel: Channel = match kind {
        "etcd" => etcd::build_channel(&target, discovery).await?,
        _ => consul::resolver::build_channel(&target, discovery).await?,
    };
    let mut client = tonic::client::Grpc::new(channel);
    for _ in 0..count {
        client.ready().await?;
        let request = [&[0x0a, 9], "rs-hestia".as_bytes()].concat(); // field 1
        let path = http::uri::PathAndQuery::from_static("/Hello.Greeter/SayHello");
        let reply = client.unary(Request::new(request), path, Raw).await?.into_inner();
        println!("{}", String::from_utf8_lossy(reply.get(2..).unwrap_or_default()));
    }
    Ok(())
}
