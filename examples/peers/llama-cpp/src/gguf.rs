//! A decoder as a GGUF file, which is what llama.cpp reads: a GPT-2 without a tokenizer. The format:
//! <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.

use std::io::{Result, Write};

/// A file that is being put together.
#[derive(Default)]
pub struct Gguf<'a> {
    /// Key-value pairs, as they are written.
    pairs: Vec<u8>,
    pair_count: u64,
    tensors: Vec<Tensor<'a>>,
}

/// Elements of f32, row by row.
struct Tensor<'a> {
    name: String,
    dims: Vec<usize>,
    data: Data<'a>,
}

/// What a tensor's elements are taken from.
enum Data<'a> {
    Plain(&'a [f32]),
    /// A matrix of so many columns, written column by column.
    Transposed(&'a [f32], usize),
}

const MAGIC: &[u8] = b"GGUF";
const VERSION: u32 = 3;
/// Tensors begin at multiples of this many bytes, unless the file says otherwise.
const ALIGNMENT: usize = 32;

/// Types of values.
const U32: u32 = 4;
const FLOAT: u32 = 6;
const TEXT: u32 = 8;
/// The type of tensors of f32.
const F32: u32 = 0;

impl<'a> Gguf<'a> {
    /// A whole number.
    pub fn number(&mut self, key: &str, value: usize) {
        self.pair(key, U32, &(value as u32).to_le_bytes());
    }

    /// A number.
    pub fn float(&mut self, key: &str, value: f32) {
        self.pair(key, FLOAT, &value.to_le_bytes());
    }

    /// A text.
    pub fn text(&mut self, key: &str, value: &str) {
        self.pair(key, TEXT, &text(value));
    }

    /// A tensor as it lies.
    pub fn tensor(&mut self, name: String, dims: &[usize], data: &'a [f32]) {
        self.tensors.push(Tensor { name, dims: dims.to_vec(), data: Data::Plain(data) });
    }

    /// The transpose of a matrix `[rows × columns]`: ggml multiplies by matrices of which each row makes one output.
    pub fn transposed(&mut self, name: String, [rows, columns]: [usize; 2], data: &'a [f32]) {
        self.tensors.push(Tensor { name, dims: vec![columns, rows], data: Data::Transposed(data, columns) });
    }

    /// Writes the file.
    pub fn write(&self, out: &mut impl Write) -> Result<()> {
        let mut head = [MAGIC, &VERSION.to_le_bytes()].concat();
        head.extend((self.tensors.len() as u64).to_le_bytes());
        head.extend(self.pair_count.to_le_bytes());
        head.extend(&self.pairs);
        let mut offset = 0;
        for tensor in &self.tensors {
            head.extend(tensor.head(offset));
            offset += tensor.bytes().next_multiple_of(ALIGNMENT);
        }
        out.write_all(&head)?;
        fill(out, head.len())?;
        for tensor in &self.tensors {
            tensor.write(out)?;
            fill(out, tensor.bytes())?;
        }
        Ok(())
    }

    fn pair(&mut self, key: &str, kind: u32, value: &[u8]) {
        self.pairs.extend(text(key));
        self.pairs.extend(kind.to_le_bytes());
        self.pairs.extend(value);
        self.pair_count += 1;
    }
}

impl Tensor<'_> {
    fn bytes(&self) -> usize {
        self.dims.iter().product::<usize>() * size_of::<f32>()
    }

    /// GGUF names the dimension first that lies closest together.
    fn head(&self, offset: usize) -> Vec<u8> {
        let mut head = text(&self.name);
        head.extend((self.dims.len() as u32).to_le_bytes());
        self.dims.iter().rev().for_each(|&size| head.extend((size as u64).to_le_bytes()));
        head.extend(F32.to_le_bytes());
        head.extend((offset as u64).to_le_bytes());
        head
    }

    fn write(&self, out: &mut impl Write) -> Result<()> {
        let bytes: Vec<u8> = match self.data {
            Data::Plain(data) => data.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Data::Transposed(data, columns) => {
                let column = |column: usize| data.iter().skip(column).step_by(columns);
                (0..columns).flat_map(column).flat_map(|value| value.to_le_bytes()).collect()
            }
        };
        out.write_all(&bytes)
    }
}

/// Zeros up to the next tensor's place.
fn fill(out: &mut impl Write, length: usize) -> Result<()> {
    out.write_all(&[0; ALIGNMENT][..length.next_multiple_of(ALIGNMENT) - length])
}

fn text(text: &str) -> Vec<u8> {
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.extend(text.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_laid_out_as_described() {
        let mut gguf = Gguf::default();
        gguf.number("a", 7);
        gguf.transposed("m".to_owned(), [2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let mut file = Vec::new();
        gguf.write(&mut file).unwrap();
        let words = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().unwrap());
        assert_eq!(&file[..8], b"GGUF\x03\0\0\0");
        assert_eq!((words(8), words(16)), (1, 1));
        // One pair of 17 bytes; then a tensor's name, two dimensions, the inner one first, its type and its offset.
        assert_eq!(&file[24..41], b"\x01\0\0\0\0\0\0\0a\x04\0\0\0\x07\0\0\0");
        assert_eq!((words(41), file[49], file[50]), (1, b'm', 2));
        assert_eq!((words(54), words(62), words(74)), (2, 3, 0));
        assert_eq!(file.len() % ALIGNMENT, 0);
        let values: Vec<f32> = file[96..120].chunks(4).map(|it| f32::from_le_bytes(it.try_into().unwrap())).collect();
        assert_eq!(values, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    }
}
