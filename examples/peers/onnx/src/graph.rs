//! An ONNX graph that is being written. Field numbers are those of onnx.proto.

use std::borrow::Cow;

use crate::protobuf::Message;

/// A graph that is being written: nodes in the order in which they run, weights, inputs and outputs in any.
#[derive(Default)]
pub struct Graph<'a>(Message<'a>);

/// Where an operator is defined.
#[derive(Clone, Copy)]
pub enum Domain {
    /// In ONNX itself.
    Onnx,
    /// In ONNX Runtime's contributions, which other engines have taken over.
    Microsoft,
}

/// An operator and its attributes.
pub struct Op(Message<'static>);

/// What a tensor is of.
#[derive(Clone, Copy)]
pub enum Element {
    /// `f32`.
    Float = 1,
    /// `i32`.
    Int = 6,
    /// `i64`.
    Long = 7,
}

/// A size of an input or output.
#[derive(Clone, Copy)]
pub enum Dim {
    /// Always this.
    Fixed(usize),
    /// Differs from run to run; sizes of one name agree.
    Free(&'static str),
}

/// Version of the file format: of the same release as the opset.
const IR_VERSION: i64 = 9;

/// The first opset with `Gelu`, tanh form included.
const OPSET: i64 = 20;

impl Domain {
    fn name(self) -> &'static str {
        match self {
            Self::Onnx => "",
            Self::Microsoft => "com.microsoft",
        }
    }
}

impl Op {
    /// An operator without attributes.
    pub fn new(domain: Domain, name: &str) -> Self {
        Self(Message::default().text(4, name).text(7, domain.name()))
    }

    /// With a float attribute.
    pub fn float(self, name: &str, value: f32) -> Self {
        self.attribute(Message::default().text(1, name).float(2, value).int(20, 1))
    }

    /// With an integer attribute.
    pub fn int(self, name: &str, value: usize) -> Self {
        self.attribute(Message::default().text(1, name).int(3, value as i64).int(20, 2))
    }

    /// With a text attribute.
    pub fn text(self, name: &str, value: &str) -> Self {
        self.attribute(Message::default().text(1, name).text(4, value).int(20, 3))
    }

    fn attribute(self, attribute: Message<'static>) -> Self {
        Self(self.0.message(5, attribute))
    }
}

impl<'a> Graph<'a> {
    /// Runs an operator. An empty name is an input that is not given, or an output that is not wanted.
    pub fn node(&mut self, op: Op, inputs: &[&str], outputs: &[&str]) {
        let message = inputs.iter().fold(op.0, |message, name| message.text(1, name));
        let message = outputs.iter().fold(message, |message, name| message.text(2, name));
        self.field(1, message);
    }

    /// A constant of floats.
    pub fn weight(&mut self, name: &str, dims: &[usize], data: Cow<'a, [f32]>) {
        let tensor = self.constant(name, dims, Element::Float as i64);
        self.field(5, tensor.floats(9, data));
    }

    /// A constant shape.
    pub fn shape(&mut self, name: &str, sizes: &[i64]) {
        let tensor = self.constant(name, &[sizes.len()], Element::Long as i64);
        self.field(5, sizes.iter().fold(tensor, |tensor, &size| tensor.int(7, size)));
    }

    /// An input.
    pub fn input(&mut self, name: &str, element: Element, dims: &[Dim]) {
        self.field(11, value(name, element, dims));
    }

    /// An output.
    pub fn output(&mut self, name: &str, element: Element, dims: &[Dim]) {
        self.field(12, value(name, element, dims));
    }

    /// The model as a file.
    pub fn into_file(self) -> Vec<u8> {
        let opset = |domain: Domain, version| Message::default().text(1, domain.name()).int(2, version);
        let head = Message::default().int(1, IR_VERSION).text(2, "smbench");
        let head = head.message(8, opset(Domain::Onnx, OPSET)).message(8, opset(Domain::Microsoft, 1));
        head.message(7, self.0.text(2, "decoder")).into_bytes()
    }

    fn constant(&self, name: &str, dims: &[usize], element: i64) -> Message<'a> {
        dims.iter().fold(Message::default(), |tensor, &size| tensor.int(1, size as i64)).int(2, element).text(8, name)
    }

    fn field(&mut self, field: u64, message: Message<'a>) {
        self.0 = std::mem::take(&mut self.0).message(field, message);
    }
}

/// Name and type of an input or output.
fn value(name: &str, element: Element, dims: &[Dim]) -> Message<'static> {
    let shape = dims.iter().fold(Message::default(), |shape, dim| {
        let dim = match *dim {
            Dim::Fixed(size) => Message::default().int(1, size as i64),
            Dim::Free(name) => Message::default().text(2, name),
        };
        shape.message(1, dim)
    });
    let tensor = Message::default().int(1, element as i64).message(2, shape);
    Message::default().text(1, name).message(2, Message::default().message(1, tensor))
}
